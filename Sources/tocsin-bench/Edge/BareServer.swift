import Foundation

/// nginx that reads each request and answers 200: what the edge could do at best.
final class BareServer {
  private let process: ChildProcess
  private let port: UInt16

  init(_ executable: String, in place: Place) throws {
    guard FileManager.default.fileExists(atPath: executable) else {
      throw BenchFailure("\(executable) is missing: install nginx-light")
    }
    port = try Place.freePort()
    let settings = "\(place.directory)/bare.conf"
    try Self.settings(place.directory, port).write(toFile: settings, atomically: true, encoding: .utf8)
    process = try ChildProcess(
      executable, ["-c", settings, "-p", place.directory, "-e", "\(place.directory)/bare.log"],
      log: "\(place.directory)/bare.out")
  }

  var url: String { "http://127.0.0.1:\(port)" }

  func end() { process.kill() }

  private static func settings(_ directory: String, _ port: UInt16) -> String {
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    let temporary = kinds.map { "  \($0)_temp_path \(directory)/bare-\($0);" }.joined(separator: "\n")
    return """
      daemon off;
      master_process off;
      pid \(directory)/bare.pid;
      worker_rlimit_nofile 8192;
      events { worker_connections 4096; }
      http {
      \(temporary)
        access_log off;
        client_max_body_size 16m;
        keepalive_requests 1000000000;
        server {
          listen 127.0.0.1:\(port) backlog=4096;
          location / { return 200 "taken"; }
        }
      }
      """
  }
}
