import Foundation
import Glibc
import Notifying
import PrivateFiles

/// The secret of codes and links by which pages are answered: made once, in a file beside the journal that nobody else may read,
/// and in no journal. Whoever deletes it makes all codes and links that are out there worthless, and nothing else.
enum AnsweringSecret {
  static let bytes = 32

  static func terms(_ options: HostOptions) throws -> AnsweringTerms? {
    guard options.callbackUrl != nil || options.answerUrl != nil else { return nil }
    return AnsweringTerms(
      secret: try load(in: options.data), url: options.callbackUrl ?? "", links: options.answerUrl)
  }

  static func load(in directory: String) throws -> [UInt8] {
    let path = "\(directory)/answering-secret"
    if let secret = try read(path) { return secret }
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    // A name of its own each time: in a container every process has the same number, and one that a crash has left must be no
    // obstacle.
    var generator = SystemRandomNumberGenerator()
    let temporary = "\(path).\(generator.next() as UInt64).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o400)
    guard descriptor >= 0 else { throw failure("make", temporary) }
    defer { unlink(temporary) }
    let secret = (0..<bytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
    guard write(descriptor, secret, bytes) == bytes, fsync(descriptor) == 0, close(descriptor) == 0 else {
      throw failure("write", temporary)
    }
    // Never over another one: codes that were made with it are out there.
    guard link(temporary, path) == 0 || errno == EEXIST else { throw failure("make", path) }
    let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
    guard let kept = try read(path) else { throw failure("read", path) }
    return kept
  }

  private static func read(_ path: String) throws -> [UInt8]? {
    let secret: [UInt8]
    do throws(PrivateFileFault) {
      secret = try PrivateFile.read(path)
    } catch {
      guard !error.isMissing else { return nil }
      throw HostFailure("\(path) \(error.words)")
    }
    guard secret.count == bytes else {
      throw HostFailure(
        "\(path) does not hold \(bytes) bytes; without it, a new one is made and older codes are worthless")
    }
    return secret
  }

  private static func failure(_ deed: String, _ path: String) -> HostFailure {
    HostFailure("can't \(deed) \(path): \(String(cString: strerror(errno)))")
  }
}
