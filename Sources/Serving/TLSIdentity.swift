import Glibc
import NIOCore
import NIOSSL
import PrivateFiles
import Synchronization

/// The certificate and the key with which a server speaks TLS, from two files (PEM). They are looked at again while it serves, so that a
/// renewed certificate needs no restart: connections that begin then get it, those that are there go on.
public final class TLSIdentity: Sendable {
  private static let bytesAtMost = 1 << 20

  private struct Loaded {
    var certificate: [UInt8]
    var key: [UInt8]
    var context: NIOSSLContext
    var expiresAt: Int64
  }
  private let certificatePath: String
  private let keyPath: String
  private let loaded: Mutex<Loaded>

  /// - Parameters:
  ///   - certificate: its own first, then those that lead to an authority that callers know.
  ///   - key: nobody else may read it.
  /// - Throws: which file can't be used, and why.
  public init(certificate: String, key: String) throws(ServingFailure) {
    certificatePath = certificate
    keyPath = key
    loaded = Mutex(try Self.load(certificate, key))
  }

  /// Seconds since 1970 until which the certificate is valid.
  public var expiresAt: Int64 { loaded.withLock { $0.expiresAt } }

  /// Takes up what the files hold now. Files that can't be used change nothing.
  ///
  /// - Returns: whether it is another certificate or key.
  public func look() throws(ServingFailure) -> Bool {
    let certificate = try Self.read(certificatePath, .list)
    let key = try Self.read(keyPath, .secret)
    guard loaded.withLock({ $0.certificate != certificate || $0.key != key }) else { return false }
    let next = try Self.loaded(certificate, key, certificatePath, keyPath)
    loaded.withLock { $0 = next }
    return true
  }

  func handler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: loaded.withLock { $0.context }) }

  // MARK: Files

  private static func load(_ certificatePath: String, _ keyPath: String) throws(ServingFailure) -> Loaded {
    try loaded(try read(certificatePath, .list), try read(keyPath, .secret), certificatePath, keyPath)
  }

  private static func loaded(
    _ certificate: [UInt8], _ key: [UInt8], _ certificatePath: String, _ keyPath: String
  ) throws(ServingFailure) -> Loaded {
    let chain: [NIOSSLCertificate]
    do {
      chain = try NIOSSLCertificate.fromPEMBytes(certificate)
    } catch {
      throw ServingFailure("\(certificatePath) holds no certificate as PEM: \(error)")
    }
    guard let own = chain.first else { throw ServingFailure("\(certificatePath) holds no certificate as PEM") }
    let secret: NIOSSLPrivateKey
    do {
      secret = try NIOSSLPrivateKey(bytes: key, format: .pem)
    } catch {
      throw ServingFailure("\(keyPath) holds no key as PEM that needs no password")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(secret))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    // Who is sent away and doesn't say goodbye holds a place and a descriptor for so long.
    configuration.shutdownTimeout = .milliseconds(300)
    do {
      let context = try NIOSSLContext(configuration: configuration)
      return Loaded(certificate: certificate, key: key, context: context, expiresAt: Int64(own.notValidAfter))
    } catch {
      throw ServingFailure("\(keyPath) is not the key of the certificate in \(certificatePath): \(error)")
    }
  }

  private static func read(_ path: String, _ privacy: PrivateFile.Privacy) throws(ServingFailure) -> [UInt8] {
    do throws(PrivateFileFault) {
      return try PrivateFile.read(path, privacy, isOwn: true, bytesAtMost: bytesAtMost)
    } catch {
      throw ServingFailure("\(path) \(error.words)")
    }
  }
}
