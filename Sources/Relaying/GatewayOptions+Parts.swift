import ArgumentParser
import Metrics
import Pages
import Serving

/// What the options mean, once they are known to be right.
extension GatewayOptions {
  func identity() throws(ServingFailure) -> TLSIdentity? {
    guard let certificate, let key else { return nil }
    return try TLSIdentity(certificate: certificate, key: key)
  }

  /// What proxies may say is known to be right, but for the file.
  ///
  /// - Throws: why the secret's file isn't used.
  func forwardedLogin() throws(SiteFault) -> ForwardedLogin? {
    guard let header = forwardAuthHeader, let proxies = forwardAuthFrom.flatMap({ TrustedProxies($0) }),
      let file = forwardAuthSecretFile
    else { return nil }
    return ForwardedLogin(header: header, from: proxies, secret: try ProxySecret(reading: file))
  }

  var proxies: TrustedProxies { trustedProxies.flatMap { TrustedProxies($0) } ?? TrustedProxies() }

  func validateProxies() throws {
    let given = [forwardAuthHeader, forwardAuthFrom, forwardAuthSecretFile]
    guard given.allSatisfy({ $0 == nil }) || given.allSatisfy({ $0 != nil }) else {
      throw ValidationError(
        "--forward-auth-header, --forward-auth-from and --forward-auth-secret-file need each other: whoever names somebody must prove to be that proxy"
      )
    }
    for (option, text) in [("forward-auth-from", forwardAuthFrom), ("trusted-proxies", trustedProxies)] {
      guard let text, TrustedProxies(text) == nil else { continue }
      throw ValidationError(
        "--\(option) is addresses and networks with commas between, such as 10.2.0.5,10.3.0.0/24, and never everybody, not \"\(text)\""
      )
    }
    if let forwardAuthHeader, !ForwardedLogin.isHeader(forwardAuthHeader) {
      throw ValidationError(
        "--forward-auth-header is the name of a header that nothing else uses, such as X-Forwarded-User, not \"\(forwardAuthHeader)\""
      )
    }
    guard pageUrl != nil || (forwardAuthHeader == nil && trustedProxies == nil) else {
      throw ValidationError("--forward-auth-header and --trusted-proxies are for the pages: they need --page-url")
    }
  }

  var gathering: Gathering? {
    guard !gather.isEmpty, let metrics, let own = GatheredPlace("gateway=\(metrics)") else { return nil }
    return Gathering(gather.compactMap { GatheredPlace($0) }, own: own)
  }
}
