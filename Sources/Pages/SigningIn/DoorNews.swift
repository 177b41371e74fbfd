/// What happens at the door, for whoever counts it.
public enum DoorNews: Hashable, Sendable {
  public enum Code: String, CaseIterable, Sendable {
    case right
    /// Or used up, or too old, or for nobody.
    case wrong
    /// Not looked at: too many came from its address.
    case turnedAway = "turned_away"
  }

  case code(Code)
  /// A header named somebody, and isn't believed.
  case ignoredLogin(ForwardedLogin.Distrust, from: String)
}
