import Bus
import CProcess
import CivilTime
import Glibc
import Machinery
import Messages
import PrivateFiles
import Processes
import Providers
import SQLiteJournal
import Tiers
import Wire

/// What `tocsinctl doctor` asks each tier: how it is protected and kept, and what to mend.
extension Host {
  /// Keys that end sooner than this should have a next one.
  private static var rotatesBefore: Span { .days(14) }
  /// At the limit of open files libzmq spins in accept, and others can't come in.
  private static var filesAtLeast: Int { 4_096 }

  func reportPosture(_ call: IncomingCall) {
    let now = clock.now()
    let findings =
      versions + [memory, files, doorKeys] + ownKey + secretFiles + journalFindings + [clockFinding] + limits
      + tier.examined(engine.rules) + watchFindings + aside
    engine.reply(ticket(call), .success(PostureReport(findings: findings).encoded()))
    proveWriting(at: now)
  }

  private var versions: [PostureFinding] {
    [
      PostureFinding(
        name: "versions",
        value:
          "tocsin \(tocsinVersion), libzmq \(Context.version), SQLite \(SQLiteJournal.libraryVersion), protobuf-c "
          + "\(WireLibrary.version), libcurl \(Conversations.libraryVersion)")
    ]
  }

  /// Each is refused when it is used; who looks here hears of it before somebody must be paged.
  private var secretFiles: [PostureFinding] {
    let files = Set(secretsOfProcess() + tier.secretFiles(engine.rules)).sorted()
    guard !files.isEmpty else { return [] }
    let faults = files.compactMap { path in
      do throws(PrivateFileFault) {
        try PrivateFile.check(path)
        return String?.none
      } catch {
        return "\(path) \(error.words)"
      }
    }
    return [
      PostureFinding(
        name: "secret files",
        value: "\(files.count), \(faults.isEmpty ? "each readable by its owner only" : "not all well")",
        mend: faults.joined(separator: "; "), must: !faults.isEmpty)
    ]
  }

  private var memory: PostureFinding {
    let isOff = ProcessMemory.isHidden
    return PostureFinding(
      name: "core dumps", value: isOff ? "off" : "on", mend: isOff ? "" : "start it anew: it switches them off itself",
      must: !isOff)
  }

  private var files: PostureFinding {
    let (open, most) = (OpenFiles.count, OpenFiles.most)
    let isLow = most < Self.filesAtLeast
    let isFull = open > most / 2
    return PostureFinding(
      name: "open files", value: "\(open) of \(most)",
      mend: isFull
        ? "more than half of the limit is in use: look for connections that nobody needs, and raise it (ulimit -n)"
        : isLow ? "raise the limit to \(OpenFiles.wanted) (ulimit -Hn, LimitNOFILE)" : "", must: isFull)
  }

  private var doorKeys: PostureFinding {
    guard let ring = keys.server?.ring else {
      return PostureFinding(
        name: "keys", value: "none are demanded",
        mend: "start it with --keys: anybody on this machine may page and silence",
        must: true)
    }
    let trouble =
      ring.problem.map { "\($0)" } ?? server.skippedKeys ?? selfTest.trouble ?? selfTest.remark
    return PostureFinding(
      name: "keys", value: "demanded; \(ring.store.keys.count) on the list", mend: trouble ?? "", must: trouble != nil)
  }

  private var ownKey: [PostureFinding] {
    let now = TierClock.read(CLOCK_REALTIME)
    if let trouble = keys.ownTrouble(at: now) {
      return [PostureFinding(name: "own key", value: trouble, mend: keys.nextKey, must: true)]
    }
    guard let server = keys.server, let own = server.ring.store[server.own.publicKey] else { return [] }
    guard own.until.isSet else { return [PostureFinding(name: "own key", value: "\(own.key.short)…, for good")] }
    let left = own.until - now
    return [
      PostureFinding(
        name: "own key", value: "\(own.key.short)…, until \(own.until.rfc3339)",
        mend: left < Self.rotatesBefore ? "tocsinctl keys rotate \(tier.name), and start it anew" : "",
        must: left < Self.rotatesBefore)
    ]
  }

  private var journalFindings: [PostureFinding] {
    let size = DiskFigures.journalBytes(directory)
    let room = DiskFigures.room(directory)
    let isSlow = !isFresh(within: 60)
    return [
      PostureFinding(
        name: "journal", value: "\(engine.durableThrough) rows, \(size >> 20) MiB",
        mend: isSlow ? "nothing was committed for a minute: look at its disk" : "", must: isSlow),
      PostureFinding(
        name: "room", value: "\(room.free >> 20) MiB of \(room.total >> 20) MiB free",
        mend: disk == .ample ? "" : "make room: below 5 % what can wait is refused", must: disk != .ample),
    ]
  }

  private var clockFinding: PostureFinding {
    let isKept = tocsin_clock_is_kept() != 0
    let jumps = tallies.clockJumps == 0 ? "" : ", \(tallies.clockJumps) jumps since the start"
    let speed = clock.rate == 1 ? "" : "at \(clock.rate) times its speed, "
    let keeper = isKept ? "kept by a time service" : "kept by nobody that the kernel knows of"
    return PostureFinding(
      name: "clock", value: "\(speed)\(keeper)\(jumps)",
      mend: isKept ? "" : "run chrony with several sources on the machine")
  }

  private var limits: [PostureFinding] {
    [
      PostureFinding(
        name: "limits",
        value:
          "\(server.limits.inFlight) calls in flight a connection, \(server.limits.inFlightOfOne) a key; payloads up to "
          + server.payloadLimits.map { "\($0.bytes >> 10) KiB (\($0.door))" }.joined(separator: ", ")),
      PostureFinding(
        name: "connections",
        value: server.connectionsHeld.map { "\($0.held) of \($0.limits.atMost) (\($0.door))" }.joined(separator: ", "),
        mend: server.connectionsHeld.contains { $0.held > $0.limits.atMost / 2 }
          ? "more than half are in use: see who holds them, and raise the limit of open files" : ""),
      PostureFinding(
        name: "queues",
        value:
          "\(engine.repliesWaiting) answers of \(Self.repliesWaitingAtMost) wait for the disk, \(server.callsInFlight) calls "
          + "are in flight"),
    ]
  }

  /// What tells people when pages can't: nothing of it is there unless somebody has set it up.
  private var watchFindings: [PostureFinding] {
    var findings: [PostureFinding] = []
    if !clients.isEmpty {
      findings.append(
        PostureFinding(
          name: "fallback webhook", value: fallback == nil ? "none" : "set",
          mend: fallback == nil
            ? "give --fallback-webhook-file: without it a lost tier is told of by the others' pages only" : ""))
    }
    if tier.peer == .notifier {
      findings.append(
        PostureFinding(
          name: "dead-man's switch", value: beats ? "set" : "none",
          mend: beats ? "" : "give --beat-url-file: without it nobody outside notices when all of this is down"))
    }
    return findings
  }

  private var aside: [PostureFinding] {
    let count = messageInHand.lookAside()
    guard count > 0 else { return [] }
    return [
      PostureFinding(
        name: "set aside", value: "\(count) messages that each ended a process twice",
        mend: "look at them in the folder set-aside of its data, and delete them there", must: true)
    ]
  }
}
