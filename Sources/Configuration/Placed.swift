/// A value together with where it was written, for complaints that can only be made after everything is read.
struct Placed<Value> {
  var value: Value
  var place: Place
  var field: String
}
