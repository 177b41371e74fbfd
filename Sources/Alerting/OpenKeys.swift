/// Which open alert has a dedup key: a source's own, or whoever's.
///
/// Nearly every key has one source, so that one is held without a table of its own.
struct OpenKeys: Hashable, Sendable {
  private enum Holder: Hashable, Sendable {
    case one(source: String, id: String)
    case several([String: String])
  }
  private var holders: [String: Holder] = [:]

  /// The alert that a source has open under a key.
  func id(of source: String, _ dedupKey: String) -> String? {
    switch holders[dedupKey] {
    case .one(let holder, let id): holder == source ? id : nil
    case .several(let ids): ids[source]
    case nil: nil
    }
  }

  /// The alerts that all sources have open under a key, in no order.
  func ids(_ dedupKey: String) -> [String] {
    switch holders[dedupKey] {
    case .one(_, let id): [id]
    case .several(let ids): Array(ids.values)
    case nil: []
    }
  }

  mutating func insert(_ id: String, of source: String, _ dedupKey: String) {
    switch holders.removeValue(forKey: dedupKey) {
    case .one(let holder, let other) where holder != source:
      holders[dedupKey] = .several([holder: other, source: id])
    case .several(var ids):
      ids[source] = id
      holders[dedupKey] = .several(ids)
    default: holders[dedupKey] = .one(source: source, id: id)
    }
  }

  /// Nothing happens when the key is another alert's by now.
  mutating func remove(_ id: String, of source: String, _ dedupKey: String) {
    guard self.id(of: source, dedupKey) == id else { return }
    guard case .several(var ids) = holders.removeValue(forKey: dedupKey) else { return }
    ids[source] = nil
    holders[dedupKey] = .several(ids)
    if ids.count == 1, let (holder, last) = ids.first { holders[dedupKey] = .one(source: holder, id: last) }
  }
}
