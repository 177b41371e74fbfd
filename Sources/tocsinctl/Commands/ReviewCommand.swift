import ArgumentParser
import Messages
import Wire

/// Post-incident reviews: what is learned from a SEV-1 or SEV-2.
struct ReviewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review", abstract: "Post-incident reviews: attendance, findings, what is to be done.",
    discussion: """
      A review opens by itself when an incident ends that was a SEV-1 or SEV-2 at any
      time, and is due at the end of the fifth business day. Name it by its incident.

        tocsinctl review list --overdue
        tocsinctl review attend 2f-1k ana ben --by ana
        tocsinctl review find 2f-1k "the disk was full" --about cause --by ana
        tocsinctl review action 2f-1k "say how to grow the disk" --runbook \\
          --owner cai --due +5d --by ana
        tocsinctl review close 2f-1k --by ana
        tocsinctl review document 2f-1k > review.md
      """,
    subcommands: [
      ReviewShowList.self, ReviewShow.self, ReviewAttend.self, ReviewFind.self, ReviewAct.self, ReviewDone.self,
      ReviewReassign.self, ReviewClose.self, ReviewDocumentShow.self,
    ])
}

/// Reviews that wait for somebody.
struct ReviewShowList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List reviews that are open, and what is overdue.",
    discussion: """
      Closed ones whose actions are done are history, which `tocsinctl review show`
      has.
      """)

  @Flag(name: .customLong("all"), help: "Closed ones too of which actions are still to be done.")
  var includeClosed = false
  @Flag(help: "Only those that are overdue, or an action of theirs, closed ones too.")
  var overdue = false
  @Option(help: ArgumentHelp("Only a team's.", valueName: "id"))
  var team: String?
  @Option(help: ArgumentHelp("Only those that a person owns, or has something to do for.", valueName: "id"))
  var owner: String?
  @Option(help: ArgumentHelp("At most this many, up to 1000.", valueName: "n"))
  var limit: UInt32 = 100
  @Option(help: ArgumentHelp("Go on behind this incident's.", valueName: "id"))
  var after: String?
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    guard limit <= 1_000 else { throw ValidationError("--limit is at most 1000") }
  }

  func run() async throws {
    var request = ReviewsRequest(
      team: team ?? "", owner: owner ?? "", includeClosed: includeClosed, overdue: overdue, limit: limit,
      after: after ?? "")
    var list = try await global.cluster.call(.escalator, ReviewsMethods.list, request)
    while !list.after.isEmpty, list.reviews.count < limit {
      request.after = list.after
      request.limit = limit - UInt32(list.reviews.count)
      let more = try await global.cluster.call(.escalator, ReviewsMethods.list, request)
      list.reviews += more.reviews
      list.after = more.after
    }
    let times = global.times
    try Answer.show(list, global.output) {
      var table = Table("INCIDENT", "SEVERITY", "REVIEW", "OWNER", "DUE", "ATTENDED", "FINDINGS", "TO DO", "SUMMARY")
      for review in list.reviews {
        table.add(
          review.incidentId, review.severity.word, review.state.word, review.owner.isEmpty ? "-" : review.owner,
          ReviewText.due(review, times), "\(review.attended.count)", "\(review.findings.count)",
          ReviewText.open(review, times), review.summary)
      }
      table.print(otherwise: "no reviews")
      if !list.after.isEmpty { print("there may be more: --after \(SafeText.line(list.after))") }
    }
  }
}

/// One review, open or long closed.
struct ReviewShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one review, however long ago it was closed.")

  @OptionGroup var reviewed: ReviewedIncident
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let reply = try await global.cluster.call(
      .escalator, ReviewsMethods.get, GetReviewRequest(incidentId: reviewed.id))
    try ReviewText.show(reply, global, whole: true)
  }
}

/// The review with its evidence as a document.
struct ReviewDocumentShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "document", abstract: "The review with its evidence as a document.",
    discussion: """
      In Markdown, the incident's alerts, changes and timeline included; -o json has
      the same as data.

        tocsinctl review document 2f-1k > 2f-1k.md
      """)

  @OptionGroup var reviewed: ReviewedIncident
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let reply = try await global.cluster.call(
      .escalator, ReviewsMethods.document, GetReviewRequest(incidentId: reviewed.id))
    try Answer.show(reply.document ?? ReviewDocument(), global.output) {
      SafeText.lines(String(decoding: reply.markdown, as: UTF8.self)).forEach { print($0) }
    }
  }
}
