import Messages

/// What is asked about signing in to the pages.
public enum SignInInput: Sendable {
  case ask(SignInRequest)
  case enter(SignInEntry)
  case signOut(SignOutRequest)
}
