/**
 * Text that breaks careless programs: markup, template languages, quotes, a line break, control characters, a
 * right-to-left override, half of a surrogate pair and the beginning of a spreadsheet formula.
 */
export const nastyText = [
  `=2+2"><script src=//evil.invalid></script>`,
  `<img src=x onerror=alert(1)>' onfocus='alert(2)`,
  '<%- 7*7 %>${7*7}{{7*7}}&amp;&lt;',
  '\r\nevent: forged\ndata: forged\n\n',
  '\u0000\u0007\u202Etxt.exe\u2066\uD83D\u{1F987}',
].join(' ');
