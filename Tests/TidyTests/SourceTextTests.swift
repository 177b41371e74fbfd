import Testing

/// The tests of what files say see through the ways in which it can be said.
@Suite struct SourceTextTests {
  @Test(arguments: [
    "import Glibc", "  import Glibc", "@preconcurrency import Glibc", "public import Glibc", "@testable import Glibc",
    "@_exported public import Glibc", "@_spi(Private) import Glibc", "@preconcurrency\nimport Glibc",
    "fileprivate import func Glibc.clock_gettime", "import struct Glibc.timespec", "import class Glibc.Thing",
    "import Glibc.time", "import Messages; import Glibc", "/* for its clock */ import Glibc",
    "import /* hidden */ Glibc",
    "import `Glibc`", "internal import var Glibc.errno // why", "#if canImport(Glibc)\n  import Glibc\n#endif",
  ])
  func anImportIsSeenHoweverItIsWritten(_ sample: String) {
    #expect(SourceText(sample).imports.map(\.module).contains("Glibc"))
  }

  @Test(arguments: [
    "// import Glibc", "/// To import Glibc is forbidden.", "/*\nimport Glibc\n*/", "let important = Glibc.errno",
    "let words = \"import Glibc\"", "func reimport() {}", "import Messages",
  ])
  func whatImportsNothingIsNotTakenForIt(_ sample: String) {
    #expect(!SourceText(sample).imports.map(\.module).contains("Glibc"))
  }

  @Test func anImportIsToldWithItsLine() {
    let found = SourceText("import Messages\n\npublic import Wire\n").imports
    #expect(found.map(\.line) == [1, 3] && found.map(\.module) == ["Messages", "Wire"])
  }

  @Test(arguments: [
    ("let now = Date()", "Date()"), ("let now = Date( )", "Date()"), ("let now = Date.now", "Date.now"),
    ("let now: Date = Date . now", "Date.now"), ("gettimeofday(&value, nil)", "gettimeofday"),
    ("let seconds = time(nil)", "time(nil)"), ("clock_gettime(CLOCK_REALTIME, &value)", "clock_gettime"),
    ("let now = ContinuousClock.now", "ContinuousClock"), ("people.randomElement()", "randomElement()"),
    ("people.randomElement ( )!", "randomElement()"), ("people.shuffled()", "shuffled()"),
    ("people.shuffle()", "shuffled()"), ("Int.random(in: 0..<6)", ".random("), ("Bool.random()", ".random("),
    ("let id: Int = .random(in: 0..<6)", ".random("), ("UUID().uuidString", "UUID()"),
    ("let six = rand() % 6", "rand()"),
    ("Task { work() }", "Task"), ("Task.detached { work() }", "Task"), ("Task<Void, Never> { work() }", "Task"),
    ("await work()", "await"), ("print(1)", "print("), ("getenv(\"HOME\")", "getenv"),
    ("ProcessInfo.processInfo", "ProcessInfo"), ("FileManager.default", "FileManager"),
  ])
  func whatReachesOutsideIsSeen(_ sample: String, _ name: String) {
    #expect(SourceText(sample).impurities.contains(name))
  }

  @Test(arguments: [
    "people.randomElement(using: &dice)", "people.shuffled(using: &dice)", "let task = TaskList()", "sprint(week)",
    "awaited", "let date = Date(year: 2026)", "taskAnswers { $0 }",
  ])
  func whatReachesNowhereIsLeftAlone(_ sample: String) {
    #expect(SourceText(sample).impurities == [])
  }
}
