/// How pages look: calm, by day and by night; what can be pressed is large, the worst is seen first.
enum Stylesheet {
  static let text = """
    :root { color-scheme: light dark; --back: #f6f4f0; --face: #ffffff; --ink: #201d1a; --soft: #645d55; --line: #e2ddd5; --accent: #b3421b;
      --onaccent: #ffffff; --link: #8f3413; --good: #2d6a3e; --bad: #b3261e; --badback: #fbeae8; --me: #f7e9dd; --sev1: #b3261e; --sev2: #b3591b; --sev3: #8a6d00; --sev4: #4f6272; --radius: 14px; }
    @media (prefers-color-scheme: dark) { :root { --back: #14120f; --face: #1e1b17; --ink: #ece7df; --soft: #a79e92; --line: #34302a; --accent: #d9764a;
      --onaccent: #1a0d06; --link: #eaa07e; --good: #7fbf8f; --bad: #f0877f; --badback: #3a1d1a; --me: #33261c; --sev1: #f0877f; --sev2: #e5a06a; --sev3: #d8bf5e; --sev4: #9fb2c1; } }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body { margin: 0; background: var(--back); color: var(--ink); font: 17px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; padding-bottom: calc(76px + env(safe-area-inset-bottom)); overflow-wrap: anywhere; }
    body.outside { padding-bottom: 24px; }
    .skip { position: absolute; left: -999px; } .skip:focus { left: 8px; top: 8px; background: var(--face); padding: 8px; z-index: 9; }
    .bar { display: flex; align-items: center; gap: 12px; padding: 14px 18px 4px; max-width: 1080px; margin: 0 auto; }
    .brand { font-weight: 700; letter-spacing: .01em; color: var(--ink); text-decoration: none; font-size: 18px; padding: 8px 0; }
    #live { font-size: 13px; color: var(--soft); } #live[data-state=on]::before { content: "●"; color: var(--good); margin-right: 5px; font-size: 10px; } #live[data-state=off]::before { content: "○"; color: var(--bad); margin-right: 5px; font-size: 10px; }
    nav { position: fixed; left: 0; right: 0; bottom: 0; z-index: 5; display: flex; background: var(--face); border-top: 1px solid var(--line); padding: 4px 4px calc(4px + env(safe-area-inset-bottom)); }
    nav a { flex: 1 1 auto; white-space: nowrap; text-align: center; padding: 18px 3px 16px; font-size: 14px; color: var(--soft); text-decoration: none; border-radius: 10px; }
    nav a[aria-current] { color: var(--accent); font-weight: 650; background: var(--back); }
    main { max-width: 1080px; margin: 0 auto; padding: 4px 18px 24px; }
    h1 { font-size: 25px; line-height: 1.2; margin: 14px 0 12px; } h2 { font-size: 19px; margin: 30px 0 10px; } h3 { font-size: 16px; margin: 16px 0 6px; } h2::first-letter { text-transform: uppercase; }
    h1 small, h2 small { font-size: 14px; font-weight: 400; color: var(--soft); }
    a { color: var(--link); } h3 a { color: inherit; }
    p { margin: 8px 0; } .calm, .facts, .why { color: var(--soft); font-size: 15px; } .why { display: block; }
    .words { white-space: pre-line; }
    .said { background: var(--face); border: 1px solid var(--line); border-left: 4px solid var(--good); border-radius: 10px; padding: 12px 14px; margin: 10px 0; }
    .trouble { background: var(--badback); color: var(--ink); border-left: 4px solid var(--bad); border-radius: 10px; padding: 12px 14px; }
    button, .button, summary, select, input[type=text], textarea { font: inherit; }
    button, .button { display: inline-block; min-height: 52px; padding: 13px 22px; border-radius: 12px; border: 1px solid var(--line); background: var(--face); color: var(--ink); text-decoration: none; font-weight: 600; cursor: pointer; text-align: center; }
    button.go { background: var(--accent); border-color: var(--accent); color: var(--onaccent); width: 100%; }
    button:disabled { opacity: .6; } button.plain { border: 0; background: none; color: var(--link); font-weight: 400; padding: 10px 6px; min-height: 48px; }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    .chip { display: inline-block; padding: 11px 16px; margin: 0 4px 8px 0; border-radius: 999px; border: 1px solid var(--line); background: var(--face); text-decoration: none; color: var(--ink); font-size: 15px; }
    .chip[aria-current] { border-color: var(--accent); color: var(--accent); font-weight: 600; }
    .card { background: var(--face); border: 1px solid var(--line); border-radius: var(--radius); margin: 0 0 12px; overflow: hidden; border-left: 5px solid var(--level, var(--line)); }
    .sev1 { --level: var(--sev1); } .sev2 { --level: var(--sev2); } .sev3 { --level: var(--sev3); } .sev4 { --level: var(--sev4); }
    .card .open { display: grid; grid-template-columns: auto 1fr; gap: 2px 10px; padding: 14px 16px; color: inherit; text-decoration: none; }
    .card .summary { grid-column: 1 / -1; font-weight: 600; font-size: 18px; } .card .facts, .card .next { grid-column: 1 / -1; }
    .sev { font-weight: 700; color: var(--level); font-size: 15px; } .state { color: var(--soft); font-size: 15px; } .unanswered .state { color: var(--level); font-weight: 600; }
    .next { font-size: 15px; } .card.over { opacity: .72; }
    .card form { padding: 0 16px 16px; } .card.swap { padding: 6px 16px; border-left-width: 1px; } .card.swap form { padding: 0; }
    .pair { display: flex; gap: 10px; padding: 8px 0 12px; } .pair form { flex: 1; } .pair button { width: 100%; }
    .head { border-left: 5px solid var(--level, var(--line)); padding-left: 14px; margin-top: 12px; } .head h1 { margin: 4px 0 6px; }
    .deeds { margin: 18px 0 8px; } .deeds > form { margin-bottom: 12px; }
    details { background: var(--face); border: 1px solid var(--line); border-radius: 12px; margin-bottom: 10px; } summary { padding: 15px 18px; min-height: 54px; font-weight: 600; cursor: pointer; } details form { padding: 0 18px 18px; }
    label { display: block; margin: 12px 0; color: var(--soft); font-size: 15px; }
    select, input[type=text], textarea { display: block; width: 100%; margin-top: 5px; min-height: 52px; padding: 12px 14px; border: 1px solid var(--line); border-radius: 10px; background: var(--back); color: var(--ink); font-size: 17px; }
    .door { max-width: 420px; margin: 6vh auto 0; } .door input[type=text], .door select { background: var(--face); } input.code { font-size: 28px; letter-spacing: .16em; text-align: center; font-variant-numeric: tabular-nums; }
    ul.duty, ul.told, ul.checks { list-style: none; margin: 0; padding: 0; } .team { margin-bottom: 12px; }
    ul.duty { background: var(--face); border: 1px solid var(--line); border-radius: var(--radius); overflow: hidden; }
    ul.duty li { display: grid; grid-template-columns: 92px 1fr; gap: 0 12px; padding: 12px 16px; border-top: 1px solid var(--line); } ul.duty li:first-child { border-top: 0; }
    ul.duty .tier { color: var(--soft); font-size: 15px; padding-top: 1px; } ul.duty .who { font-weight: 500; } ul.duty .first .who { font-weight: 700; font-size: 19px; } ul.duty .until, ul.duty .why { grid-column: 2; font-size: 15px; color: var(--soft); }
    li.me { background: var(--me); } .gap .who, .shift.gap { color: var(--bad); font-weight: 600; } .you { font-size: 12px; font-weight: 600; background: var(--accent); color: var(--onaccent); border-radius: 6px; padding: 2px 7px; vertical-align: 2px; }
    ul.told li { padding: 9px 0; border-top: 1px solid var(--line); } ul.told li:first-child { border-top: 0; } .who { font-weight: 600; }
    ol.timeline { list-style: none; margin: 0; padding: 0; } ol.timeline li { padding: 9px 0; border-top: 1px solid var(--line); display: grid; gap: 0 16px; } ol.timeline time { color: var(--soft); font-size: 14px; font-variant-numeric: tabular-nums; }
    ol.steps li { margin: 6px 0; }
    .turn { display: flex; gap: 10px; } .turn .button { flex: 1; max-width: 180px; }
    #today { scroll-margin-top: 90px; } .month { margin-top: 8px; } .week.names { display: none; } .day { background: var(--face); border: 1px solid var(--line); border-radius: 10px; padding: 9px 14px; margin-bottom: 6px; } .day.outside { display: none; } .day.today { border: 2px solid var(--accent); }
    .date { color: var(--soft); font-size: 14px; font-weight: 600; display: block; } .today .date { color: var(--accent); } .weekend .date { opacity: .75; }
    .shift { display: block; font-size: 15px; padding: 1px 6px; margin: 1px -6px; border-radius: 6px; } .shift b { color: var(--soft); font-weight: 600; font-size: 12px; margin-right: 3px; } .shift i { font-style: normal; color: var(--soft); font-size: 13px; } .shift.tier1 { font-weight: 600; } .shift.past { color: var(--soft); font-weight: 400; } .shift.me { background: var(--me); }
    ul.checks li { display: flex; gap: 14px; align-items: center; padding: 6px 0; border-top: 1px solid var(--line); } ul.checks li:first-child { border-top: 0; } button.tick { width: 52px; padding: 0; font-size: 22px; color: var(--good); } .done > span { color: var(--soft); }
    pre.document { background: var(--face); border: 1px solid var(--line); border-radius: var(--radius); padding: 16px; white-space: pre-wrap; font: 14px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; max-height: 70vh; overflow: auto; }
    footer { max-width: 1080px; margin: 24px auto 0; padding: 0 18px; display: flex; flex-wrap: wrap; gap: 4px 18px; align-items: center; color: var(--soft); font-size: 15px; }
    @media (min-width: 760px) {
      body { padding-bottom: 40px; } nav { position: static; border: 0; background: none; padding: 0; margin-left: auto; } nav a { flex: none; white-space: nowrap; padding: 12px 14px; font-size: 16px; } nav a[aria-current] { background: var(--face); }
      button.go { width: auto; min-width: 190px; } .door button.go, .pair button.go { width: 100%; } .card { display: flex; align-items: center; } .card .open { flex: 1; } .card.swap { display: block; } .card form { padding: 0 16px 0 0; }
      ol.timeline li { grid-template-columns: 176px 1fr; } ul.duty li { grid-template-columns: 110px minmax(180px, 1fr) 2fr; } ul.duty .until { grid-column: 3; } ul.duty .why { grid-column: 3; }
      .week { display: grid; grid-template-columns: repeat(7, minmax(0, 1fr)); } .week.names { display: grid; color: var(--soft); font-size: 14px; padding: 0 0 6px; } .week.names span { padding-left: 10px; } .day { border-radius: 0; margin: 0 -1px -1px 0; min-height: 112px; padding: 7px 9px; } .day.outside { display: block; background: none; } .weekday { display: none; } .shift { font-size: 14px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
      .day.outside .date { opacity: .45; } .deeds { max-width: 640px; }
    }
    @media (prefers-reduced-motion: no-preference) { .unanswered .sev { animation: breathe 2.4s ease-in-out infinite; } @keyframes breathe { 50% { opacity: .55; } } }
    """
}
