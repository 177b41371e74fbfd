import Glibc
import Machinery

/// Space held back for the worst hour: on a full disk SQLite can neither delete nor checkpoint, so room can only come from
/// outside of it.
///
/// It is given up portion by portion: whatever else fills the disk takes what comes free as well, and so never takes all of it.
final class Ballast {
  static let largest: UInt64 = 64 * 1_024 * 1_024
  private static let portions: UInt64 = 16
  private static let smallestPortion: UInt64 = 256 * 1_024
  private let path: String
  private let directory: String
  private var held: UInt64
  private var isWhole: Bool
  /// Whether this process had to give some of it up, and hasn't made it whole since.
  private(set) var isDrawnOn = false
  /// How many bytes were given up: they are for what can't wait, and don't count as room for anything else.
  private(set) var givenUp: UInt64 = 0

  init(directory: String) {
    self.directory = directory
    path = "\(directory)/ballast"
    var status = stat()
    held = stat(path, &status) == 0 ? UInt64(status.st_size) : 0
    let room = Folder.room(at: directory)
    let usual = min(Self.largest, room.total / 20)
    isWhole = held >= usual
    // How much there was is not written anywhere. On a disk in need an earlier process has given up what is missing.
    if !isWhole, held == 0 || room.free < room.total / 10 { givenUp = usual - held }
  }

  /// Makes it whole if it isn't and the disk has plenty: a tenth of what is free, at most 64 MiB.
  func restore() {
    guard !isWhole else { return }
    let room = Folder.room(at: directory)
    guard room.free > room.total / 5 else { return }
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let whole = max(held, min(Self.largest, (room.free + held) / 10))
    if posix_fallocate(descriptor, 0, off_t(whole)) == 0 {
      held = whole
      givenUp = 0
      isWhole = true
      isDrawnOn = false
    } else {
      ftruncate(descriptor, off_t(held))
    }
  }

  /// Gives up the next portion.
  ///
  /// - Returns: whether there was one.
  func release() -> Bool {
    guard held > 0 else { return false }
    let portion = min(held, max((held + givenUp) / Self.portions, Self.smallestPortion))
    isWhole = false
    isDrawnOn = true
    guard held == portion ? unlink(path) == 0 : truncate(path, off_t(held - portion)) == 0 else {
      // Somebody has removed it by hand.
      if errno == ENOENT {
        givenUp += held
        held = 0
      }
      return false
    }
    held -= portion
    givenUp += portion
    return true
  }

  /// Does something again as long as the disk has no room for it and there is a portion to give up.
  func spent<Result>(on work: () throws(JournalFailure) -> Result) throws(JournalFailure) -> Result {
    while true {
      do throws(JournalFailure) {
        return try work()
      } catch {
        guard case .full = error, release() else { throw error }
      }
    }
  }
}
