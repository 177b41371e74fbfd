import Machinery
import Testing

/// A store for millions is a dictionary that knows in which order things came.
struct OrderedStoreTests {
  @Test func itIsADictionaryInTheOrderOfComing() {
    var dice = Dice(state: 3)
    var store = OrderedStore<Int>()
    var plain: [(id: String, value: Int)] = []
    for step in 0..<30_000 {
      let id = String(UInt64.random(in: 0..<3_000, using: &dice))
      let place = plain.firstIndex { $0.id == id }
      switch UInt8.random(in: 0..<5, using: &dice) {
      case 0:
        store.remove(id)
        if let place { plain.remove(at: place) }
      case 1:
        let taken = store.take(id)
        #expect(taken == place.map { plain[$0].value })
        #expect(store[id] == nil)
        if let taken { store[id] = taken + 1 }
        if let place { plain[place].value += 1 }
      default:
        store[id] = step
        if let place { plain[place].value = step } else { plain.append((id, step)) }
      }
      if step % 5_000 == 0 { store.updateAll { _, value in value += 2 } }
      if step % 5_000 == 0 { for index in plain.indices { plain[index].value += 2 } }
    }
    #expect(store.count == plain.count)
    #expect(all(of: store) == plain.map { "\($0.id) \($0.value)" })
    let middle = plain[plain.count / 2].id
    var before: [String] = []
    store.forEachBackwards(before: middle) { id, _ in
      before.append(id)
      return before.count < 10
    }
    #expect(before == plain[..<(plain.count / 2)].reversed().prefix(10).map(\.id))
    var after: [String] = []
    store.forEach(after: middle) { id, _ in
      after.append(id)
      return after.count < 10
    }
    #expect(after == plain[(plain.count / 2 + 1)...].prefix(10).map(\.id))
  }

  @Test func whatIsTakenOutKeepsItsPlace() {
    var store = OrderedStore<Int>()
    for number in 1...3 { store[String(number)] = number }
    let second = store.take("2")
    #expect(all(of: store) == ["1 1", "3 3"])
    store["2"] = second
    #expect(all(of: store) == ["1 1", "2 2", "3 3"])
  }

  private func all(of store: OrderedStore<Int>) -> [String] {
    var found: [String] = []
    store.forEach { id, value in
      found.append("\(id) \(value)")
      return true
    }
    return found
  }
}
