import CCurl

/// Who must vouch for a server: the machine's authorities, or those of a route's `ca-file` and no others.
enum Authorities {
  /// - Parameter folder: of the machine's, named by their hashes as OpenSSL does it; nil: where libcurl looks by itself.
  static func trust(caFile: String, machine folder: String? = nil, _ easy: UnsafeMutableRawPointer) {
    if let folder { _ = tocsin_set_text(easy, CURLOPT_CAPATH, folder) }
    guard !caFile.isEmpty else { return }
    _ = tocsin_set_text(easy, CURLOPT_CAINFO, caFile)
    // The folder would be asked too.
    _ = tocsin_set_text(easy, CURLOPT_CAPATH, nil)
  }
}
