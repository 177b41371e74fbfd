/// Finds what a mistyped name was meant to be.
public enum NearestName {
  /// The candidate with the fewest changed, added, left out or swapped letters; nil when none is close, or two equally.
  public static func to(_ name: String, among candidates: some Sequence<String>) -> String? {
    let name = name.lowercased()
    guard name.unicodeScalars.count <= 64 else { return nil }
    let furthest = name.unicodeScalars.count <= 3 ? 1 : name.unicodeScalars.count <= 7 ? 2 : 3
    var best: (name: String?, distance: Int) = (nil, min(furthest + 1, name.unicodeScalars.count))
    for candidate in Set(candidates) {
      let distance = distance(name, candidate.lowercased())
      if distance < best.distance {
        best = (candidate, distance)
      } else if distance == best.distance {
        best.name = nil
      }
    }
    return best.name
  }

  /// Optimal string alignment: edits, with two neighbours swapped counted as one.
  private static func distance(_ left: String, _ right: String) -> Int {
    let left = Array(left.unicodeScalars)
    let right = Array(right.unicodeScalars)
    if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for i in 1...left.count {
      var row = [i]
      for j in 1...right.count {
        var cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1))
        if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
          cost = min(cost, beforeLast[j - 2] + 1)
        }
        row.append(cost)
      }
      (beforeLast, last) = (last, row)
    }
    return last[right.count]
  }
}
