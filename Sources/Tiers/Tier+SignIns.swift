import Machinery
import Messages
import Notifying
import Wire

/// The notifier's methods for whoever shows the pages: signing in, and links of pages.
extension Tier where Rules == Notifications {
  static func signInCommands() -> [String: Command<Rules>] {
    let reply: @Sendable (NotificationAnswer) -> SignInReply? = {
      if case .signedIn(let reply) = $0 { reply } else { nil }
    }
    return table(
      // Strangers ask, and it holds the code: who has entered one is what counts.
      command(
        SignInsMethods.ask, needsKey: true, canWait: { _ in true }, audited: { _ in false },
        { request, _ in .signIn(.ask(request)) }
      ) {
        if case .done(let done) = $0 { done } else { nil }
      },
      command(SignInsMethods.enter, needsKey: true, { entry, _ in .signIn(.enter(entry)) }, answer: reply),
      command(SignInsMethods.signOut, needsKey: true, { request, _ in .signIn(.signOut(request)) }, answer: reply),
      command(PageLinksMethods.answer, { link, _ in .link(link) }) {
        if case .answered(let words) = $0 { words } else { nil }
      })
  }
}
