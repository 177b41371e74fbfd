/// Alertmanager's own name for a set of labels: FNV-1a, 64 bits, over names and values in order of name, each followed by 255.
/// So an alert is the same one whether Prometheus reports it here itself or an Alertmanager in between does.
enum LabelFingerprint {
  static func of(_ labels: [String: String]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    for (name, value) in labels.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
    where !value.isEmpty {
      name.utf8.forEach(add)
      add(255)
      value.utf8.forEach(add)
      add(255)
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
