import ArgumentParser
import Foundation
import Messages
import Wire

/// Is this cluster as safe as it can be, and what is to be mended?
struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look at keys, files, journals, clocks and limits, and say what to mend.",
    discussion: """
        tocsinctl doctor                  the keys beside your own, and every tier
        tocsinctl doctor --keys data/keys
        tocsinctl doctor --full           every row of every journal, from the first
      What must be mended is marked with !!, and the command then ends with 1; what
      should be, with !. Files of keys are looked at on this machine only.
      """)

  @Option(
    name: .customLong("keys"),
    help: ArgumentHelp(
      "The folder of keys on this machine (TOCSIN_KEYS, else that of your own key).", valueName: "folder"))
  var folder: String?
  @Flag(help: "Verify all rows of the journals, not the last 20,000.")
  var full = false
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    var findings: [DoctorFinding] = []
    if let path = folder ?? ProcessInfo.processInfo.environment["TOCSIN_KEYS"] ?? global.keyFolder {
      findings += KeysExamined(path, at: KeysFolder.now).findings
    }
    findings += await TiersExamined.findings(of: global.cluster, full: full, timeout: global.timeout.span)
    let isWell = !findings.contains(where: \.must)
    switch global.output {
    case .json:
      let json = JSONEncoder()
      json.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let all = String(decoding: try json.encode(findings), as: UTF8.self)
      print("{\"well\":\(isWell),\"findings\":\(all)}")
    case .table:
      var table = Table("", "WHERE", "WHAT", "AS IT IS", "WHAT TO DO")
      for one in findings { table.add(one.mark, one.place, one.name, one.value, one.mend) }
      table.print(otherwise: "")
      let (must, should) = (findings.count(where: \.must), findings.count { !$0.must && !$0.mend.isEmpty })
      print(isWell ? "nothing must be mended\(should == 0 ? "" : "; \(should) should be")" : "\(must) must be mended")
    }
    guard isWell else { throw Failure.refused }
  }
}
