extension Array where Element: Equatable {
  /// In a queue, whoever has just held is last.
  mutating func moveToTheBack(_ element: Element) {
    guard let index = firstIndex(of: element) else { return }
    remove(at: index)
    append(element)
  }
}
