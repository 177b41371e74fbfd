import CFloors
import Foundation

/// nginx as a provider: at one port it answers each request after 20 ms and notes when; at another it takes requests and never
/// answers in time.
final class AnsweringServer {
  /// Seconds.
  static let delay = 0.02
  private let process: ChildProcess
  private let log: String
  private let port: UInt16
  private let hangingPort: UInt16
  /// A body as long as the notifier's, within a few bytes.
  private static let bodyBytes = 640

  /// - Parameter executable: has the module echo where Debian puts it.
  init(_ executable: String, in place: Place) throws {
    port = try Place.freePort()
    hangingPort = try Place.freePort()
    log = "\(place.directory)/answered.log"
    let module = "/usr/lib/nginx/modules/ngx_http_echo_module.so"
    for file in [executable, module] where !FileManager.default.fileExists(atPath: file) {
      throw BenchFailure("\(file) is missing: install nginx-light and libnginx-mod-http-echo")
    }
    let settings = "\(place.directory)/nginx.conf"
    try Self.settings(module, place.directory, log, port, hangingPort).write(
      toFile: settings, atomically: true, encoding: .utf8)
    process = try ChildProcess(
      executable, ["-c", settings, "-p", place.directory, "-e", "\(place.directory)/nginx.log"],
      log: "\(place.directory)/nginx.out")
    try waitUntilItListens(says: "\(place.directory)/nginx.log")
  }

  var url: String { "http://127.0.0.1:\(port)/pages" }
  var hangingURL: String { "http://127.0.0.1:\(hangingPort)/pages" }

  func end() { process.kill() }

  /// Requests a second of the bare loop.
  func floor(requests: Int, connections: Int) throws -> Double {
    let took = floor_hand_over("\(url)", Int32(connections), Int32(requests), Int32(Self.bodyBytes))
    guard took > 0 else { throw BenchFailure("the floor's requests failed") }
    return Double(requests) * 1e9 / Double(took)
  }

  /// When each page was answered whose id begins so, by the wall clock in milliseconds, once there are so many.
  ///
  /// - Parameter patience: seconds; those that were not answered by then are missing.
  func answers(_ prefix: String, count: Int, patience: Double) async throws -> [Substring: Int64] {
    let until = Date().addingTimeInterval(patience)
    var found: [Substring: Int64] = [:]
    var place: UInt64 = 0
    var rest = Data()
    guard let file = FileHandle(forReadingAtPath: log) else { throw BenchFailure("\(log) can't be read") }
    defer { try? file.close() }
    while found.count < count, Date() < until {
      try file.seek(toOffset: place)
      let more = try file.readToEnd() ?? Data()
      place += UInt64(more.count)
      rest += more
      let end = rest.lastIndex(of: 0x0a).map { $0 + 1 } ?? rest.startIndex
      for line in String(decoding: rest[rest.startIndex..<end], as: UTF8.self).split(separator: "\n") {
        let fields = line.split(separator: " ")
        guard fields.count == 2, fields[1].hasPrefix(prefix), let seconds = Double(fields[0]) else { continue }
        found[fields[1]] = Int64((seconds * 1_000).rounded())
      }
      rest = Data(rest[end...])
      if more.isEmpty { try await Task.sleep(nanoseconds: 50_000_000) }
    }
    return found
  }

  private func waitUntilItListens(says words: String) throws {
    for _ in 0..<100 {
      if floor_hand_over(url, 1, 1, 1) > 0 { return }
      usleep(50_000)
    }
    let said = (try? String(contentsOfFile: words, encoding: .utf8)) ?? ""
    process.kill()
    throw BenchFailure("nginx doesn't answer: \(said)")
  }

  /// One process without a master, so that it ends with its process id; everything that it writes lies in the directory.
  private static func settings(
    _ module: String, _ directory: String, _ log: String, _ port: UInt16, _ hanging: UInt16
  ) -> String {
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    let temporary = kinds.map { "  \($0)_temp_path \(directory)/nginx-\($0);" }.joined(separator: "\n")
    return """
      load_module \(module);
      daemon off;
      master_process off;
      pid \(directory)/nginx.pid;
      worker_rlimit_nofile 8192;
      events { worker_connections 4096; }
      http {
      \(temporary)
        client_body_buffer_size 64k;
        keepalive_requests 1000000000;
        keepalive_timeout 300s;
        log_format answered '$msec $http_tocsin_page_id';
        server {
          listen 127.0.0.1:\(port) backlog=4096;
          location / {
            access_log \(log) answered buffer=64k flush=50ms;
            echo_read_request_body;
            echo_sleep \(delay);
            echo taken;
          }
        }
        server {
          listen 127.0.0.1:\(hanging) backlog=4096;
          location / {
            access_log off;
            echo_read_request_body;
            echo_sleep 60;
            echo late;
          }
        }
      }
      """
  }
}
