import ArgumentParser
import Bus
import Configuration
import Messages

/// Who may come in: keys, whose they are, and what they may be used for.
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Make, list, rotate and revoke keys; tiers notice within a second.",
    discussion: """
        tocsinctl keys init                     for the tiers and admin
        tocsinctl keys create prometheus --role source
        tocsinctl keys create ana --role responder
        tocsinctl keys integration alertmanager   reports by HTTP; prints its key
        tocsinctl keys feed make --person ana     a calendar address; prints it once
        tocsinctl keys pages                      the gateway shows pages to people
        tocsinctl keys list
        tocsinctl keys rotate ana --overlap 7d  the old one goes on for a week
        tocsinctl keys revoke ana               at once
      A new key is the file NAME.secret in the folder: hand it to whom it is for,
      with the file tiers, and keep no copy. It is used with --key-file FILE (or
      TOCSIN_KEY_FILE). Changes are made to files of this machine: copy the file
      authorized to each machine that a tier runs on.
      """,
    subcommands: [
      KeysInit.self, KeysCreate.self, KeysList.self, KeysShow.self, KeysRotate.self, KeysRevoke.self,
      KeysRoles.self, KeysIntegration.self, KeysPages.self, KeysNoticeboard.self, KeysFeed.self,
    ])
}

/// The folder with what a cluster needs first.
struct KeysInit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make the folder, a key for each tier and one for the administrator; keep what is there.")

  @OptionGroup var folder: KeysFolder

  func run() throws {
    let made = try folder.directory.make(at: KeysFolder.now)
    print(
      made.isEmpty ? "all keys are there" : "made keys of \(made.joined(separator: ", ")) in \(folder.directory.path)")
  }
}

/// A key for somebody new.
struct KeysCreate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a key for a source, a person or a machine.")

  @Argument(help: "Whose: a source as its alerts name it, a person by id.")
  var name: String
  @Option(name: .customLong("role"), help: "What it may be used for; more than one may be given.")
  var roles: [KeyRoleArgument]
  @Option(help: ArgumentHelp("How long it is valid.", valueName: "span"))
  var validFor: SpanArgument = SpanArgument(span: .days(365))
  @Option(
    help: ArgumentHelp(
      "Where it may be used from, such as 10.1.0.0/16; anywhere when not given.", valueName: "addresses"))
  var from: [AddressArgument] = []
  @OptionGroup var folder: KeysFolder

  mutating func validate() throws {
    guard !roles.isEmpty else { throw ValidationError("say what it may be used for: --role ROLE") }
    guard validFor.span > .zero else { throw ValidationError("--valid-for must be more than nothing") }
  }

  func run() throws {
    let now = KeysFolder.now
    let path = try folder.directory.create(
      name, roles: KeyRoles(roles.map(\.role)), addresses: from.map(\.range), from: now,
      until: now + validFor.span)
    print("\(path): hand it to \(SafeText.line(name)) with \(folder.directory.tiersPath)")
  }
}

/// The next key beside the present one.
struct KeysRotate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate", abstract: "Make somebody's next key; the present one is valid for a while longer.",
    discussion: """
      Hand over the new NAME.secret within the overlap: nothing is lost meanwhile.
      A tier is started again at once after its key was rotated: it goes on with the
      one before until then, and whoever connects to it anew waits for the new one.
      The gateway's folder, where there is one on this machine, is told by which key
      a tier is known, and given the new secret where it had the one before. Where
      that can't be written the rotation stands all the same: the command says what
      to copy, and ends with 1. Don't rotate again for it.
      """)

  @Argument(help: "Whose.")
  var name: String
  @Option(help: ArgumentHelp("How long the present key goes on.", valueName: "span"))
  var overlap: SpanArgument = SpanArgument(span: .days(7))
  @OptionGroup var gateway: GatewayFolder
  @OptionGroup var folder: KeysFolder

  mutating func validate() throws {
    guard overlap.span >= .zero else { throw ValidationError("--overlap can't be less than nothing") }
  }

  func run() throws {
    let key = try folder.directory.rotate(name, overlap: overlap.span, at: KeysFolder.now)
    print(
      "\(folder.directory.secretPath(of: name)) is the new key \(key.key.short)…; the one before ends in "
        + "\(SpanText.text(overlap.span)) at the latest")
    let isKnown = bring()
    if KeyDirectory.tierNames.contains(name) {
      print("left to do: start \(name) again, at once: whoever connects to it anew waits for that")
    }
    guard isKnown else { throw Failure.refused }
  }

  /// Tells the gateway's folder; false where that couldn't be done.
  private func bring() -> Bool {
    let (own, other) = (folder.directory, KeyDirectory(gateway.path(beside: folder)))
    guard let files = own.outdated(in: other, after: name) else {
      let cure: String? =
        switch name {
        case KeyDirectory.pagesName: "keys pages"
        case KeyDirectory.noticeboard: "keys noticeboard"
        case _ where KeyDirectory.tierNames.contains(name): "keys noticeboard"
        default: nil
        }
      if let cure {
        print("\(other.path) is no gateway's folder: where there is one, \"tocsinctl \(cure)\" brings it the new key")
      }
      return true
    }
    var isWhole = true
    for file in files {
      let path = file.path(in: other)
      do throws(KeyFileError) {
        try own.bring(file, to: other)
        print("\(path) has it too")
      } catch {
        isWhole = false
        Failure.say(
          "the key is rotated, but \(path) is as it was: \(error)\nleft to do: mend that, then cp -pf "
            + "\(file.path(in: own)) \(path)")
      }
    }
    return isWhole
  }
}

/// No more.
struct KeysRevoke: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Let somebody's keys in no more: their next call is refused, within a second.")

  @Argument(help: "Whose.")
  var name: String
  /// A key may begin with a hyphen.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only the key that begins so; all when not given.", valueName: "beginning"))
  var key: String = ""
  @OptionGroup var folder: KeysFolder

  func run() throws {
    let count = try folder.directory.revoke(name, key: key, at: KeysFolder.now)
    print("\(count) \(count == 1 ? "key" : "keys") of \(SafeText.line(name)) revoked")
  }
}
