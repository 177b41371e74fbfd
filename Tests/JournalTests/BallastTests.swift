import Foundation
import Machinery
import Testing

@testable import SQLiteJournal

/// The reserve for a full disk, given up in portions. On a disk that has plenty of room.
@Suite struct BallastTests {
  private let directory = Journals.folder()

  init() throws { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) }

  /// On disk; nil when there is no file.
  private var size: UInt64? {
    (try? FileManager.default.attributesOfItem(atPath: "\(directory)/ballast"))?[.size] as? UInt64
  }

  private func whole() throws -> (ballast: Ballast, size: UInt64) {
    let ballast = Ballast(directory: directory)
    ballast.restore()
    return (ballast, try #require(size))
  }

  @Test func eachPortionLeavesMostOfItAndTheLastNothing() throws {
    let (ballast, whole) = try whole()
    var portions = 0
    var held = whole
    while ballast.release() {
      portions += 1
      let left = size ?? 0
      #expect(left < held && held - left <= max(whole / 16, 262_144) && ballast.givenUp == whole - left)
      held = left
    }
    #expect(portions >= 2 && size == nil && !ballast.release() && ballast.givenUp == whole)
    ballast.restore()
    #expect(size == whole && ballast.givenUp == 0)
  }

  @Test func whatAnEarlierProcessGaveUpIsMadeWholeAgain() throws {
    let (ballast, whole) = try whole()
    #expect(ballast.release() && ballast.isDrawnOn)
    let next = Ballast(directory: directory)
    next.restore()
    #expect(size == whole && next.givenUp == 0 && !next.isDrawnOn)
  }

  @Test func whatSomebodyRemovedIsMadeAnew() throws {
    let (ballast, whole) = try whole()
    try FileManager.default.removeItem(atPath: "\(directory)/ballast")
    #expect(!ballast.release() && ballast.givenUp == whole)
    ballast.restore()
    #expect(size == whole && ballast.givenUp == 0)
  }

  @Test func noMoreIsGivenUpThanItTakes() throws {
    let (ballast, whole) = try whole()
    var tries = 0
    let taken = try ballast.spent { () throws(JournalFailure) in
      tries += 1
      if tries < 3 { throw .full("no room") }
      return "written"
    }
    #expect(taken == "written" && ballast.givenUp == whole - (size ?? 0) && ballast.givenUp <= whole / 4)
    #expect(throws: JournalFailure.broken("gone")) {
      try ballast.spent { () throws(JournalFailure) in throw .broken("gone") }
    }
    #expect(size == whole - ballast.givenUp)
    #expect(throws: JournalFailure.full("no room")) {
      try ballast.spent { () throws(JournalFailure) in throw .full("no room") }
    }
    #expect(size == nil)
  }
}
