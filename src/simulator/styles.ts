const css = String.raw;

/** The one style sheet of every page and frame of the simulator. */
export const styles = css`
  :root {
    color-scheme: light dark;
    --ground: light-dark(#f3f1ec, #11151c);
    --sheet: light-dark(#ffffff, #191f29);
    --line: light-dark(#d6d1c6, #303947);
    --ink: light-dark(#1d2129, #eceff4);
    --quiet: light-dark(#5a5f6a, #a4adbb);
    --mark: light-dark(#0b6b6f, #6fd3cf);
    --on-mark: light-dark(#ffffff, #08191a);
    --alarm: light-dark(#a3261d, #ff9d90);
    --sans: system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
  }
  * {
    box-sizing: border-box;
  }
  body {
    margin: 0;
    background: var(--ground);
    color: var(--ink);
    font: 16px/1.5 var(--sans);
    overflow-wrap: anywhere;
  }
  h1,
  h2,
  p,
  ul,
  ol {
    margin: 0;
    padding: 0;
  }
  code {
    font-size: 13px;
    color: var(--quiet);
  }
  .about {
    color: var(--quiet);
    font-size: 14px;
  }
  .notice {
    padding: 8px 16px;
    text-align: center;
    font-size: 14px;
    color: var(--ink);
    background: repeating-linear-gradient(-45deg, var(--sheet) 0 12px, var(--ground) 12px 24px);
    border-bottom: 1px solid var(--line);
  }
  button {
    font: inherit;
    font-size: 15px;
    padding: 7px 14px;
    border: 1px solid var(--line);
    border-radius: 8px;
    background: var(--sheet);
    color: var(--ink);
    cursor: pointer;
  }
  button:hover {
    border-color: var(--quiet);
  }
  button.yes {
    background: var(--mark);
    border-color: var(--mark);
    color: var(--on-mark);
    font-weight: 600;
  }
  :focus-visible {
    outline: 3px solid var(--mark);
    outline-offset: 2px;
  }

  /* consent */
  .consent {
    max-width: 720px;
    margin: 0 auto;
    padding: 32px 16px 0;
  }
  .consent h1 {
    font-size: 28px;
    line-height: 1.2;
  }
  .lead {
    margin: 8px 0 24px;
    color: var(--quiet);
  }
  .problem {
    margin-bottom: 16px;
    color: var(--alarm);
    font-weight: 600;
  }
  fieldset {
    border: 0;
    margin: 0 0 20px;
    padding: 0;
    min-width: 0;
  }
  legend,
  .wishes h2 {
    padding: 0;
    margin-bottom: 8px;
    font-size: 14px;
    font-weight: 600;
    color: var(--quiet);
  }
  summary {
    width: fit-content;
    padding: 8px 0;
    cursor: pointer;
    font-size: 15px;
    color: var(--mark);
  }
  .people {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(212px, 1fr));
    gap: 8px;
  }
  .person {
    position: relative;
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 68px;
    padding: 8px 12px 8px 8px;
    border: 1px solid var(--line);
    border-radius: 12px;
    background: var(--sheet);
    cursor: pointer;
  }
  .person input {
    position: absolute;
    inset: 0;
    opacity: 0;
    cursor: pointer;
  }
  .person:hover {
    border-color: var(--quiet);
  }
  .person:has(:checked) {
    border-color: var(--mark);
    box-shadow: inset 0 0 0 2px var(--mark);
  }
  .person:has(:focus-visible) {
    outline: 3px solid var(--mark);
    outline-offset: 2px;
  }
  .person img {
    border-radius: 50%;
  }
  .person .who {
    min-width: 0;
    line-height: 1.3;
  }
  .person .name {
    display: block;
    font-size: 15px;
    font-weight: 600;
    text-align: left;
  }
  .wishes {
    padding: 16px 0;
    border-top: 1px solid var(--line);
  }
  .wishes ul {
    padding-inline-start: 20px;
  }
  .decision {
    position: sticky;
    bottom: 0;
    display: flex;
    gap: 8px;
    padding: 12px 0 20px;
    background: linear-gradient(transparent, var(--ground) 12px);
  }
  .decision button {
    padding: 10px 20px;
  }

  /* frames */
  .frame {
    height: 100vh;
    overflow: hidden;
  }
  .refusal {
    display: grid;
    height: 100%;
    align-content: center;
    gap: 8px;
    padding: 24px;
    text-align: center;
  }
  .refusal h1 {
    font-size: 20px;
  }
  .player {
    color-scheme: dark;
    background: #0c0f15;
    color: #f2f4f8;
  }
  .stage,
  .picture {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .stage {
    overflow: hidden;
  }
  .picture {
    object-fit: cover;
    animation: wander 24s ease-in-out infinite alternate;
  }
  .beam {
    position: absolute;
    inset: -40%;
    background: linear-gradient(100deg, transparent 42%, #ffffff1f 50%, transparent 58%);
    animation: sweep 9s ease-in-out infinite;
  }
  .play {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    font-size: 56px;
    background: #0008;
  }
  .paused * {
    animation-play-state: paused;
  }
  .bar {
    position: absolute;
    inset-inline: 0;
    display: flex;
    align-items: center;
    gap: 12px;
    padding: 12px 16px;
  }
  .bar.top {
    top: 0;
    font-size: 13px;
    background: linear-gradient(#000b, transparent);
  }
  .bar.bottom {
    bottom: 0;
    padding-top: 40px;
    background: linear-gradient(transparent, #000d 60%);
  }
  .bar .about {
    color: #d5dae3;
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 1;
    overflow: hidden;
  }
  .bar h1 {
    font-size: 16px;
    line-height: 1.3;
  }
  .bar img {
    flex: none;
    border-radius: 50%;
  }
  .bar .who {
    flex: 1;
    min-width: 0;
  }
  .live {
    padding: 1px 8px;
    border-radius: 4px;
    background: #ffb83d;
    color: #201400;
    font-weight: 700;
  }
  .viewers {
    font-variant-numeric: tabular-nums;
  }
  .mark {
    margin-inline-start: auto;
    padding: 1px 8px;
    border: 1px dashed #ffffff80;
    border-radius: 4px;
    font-size: 13px;
    background: #0006;
  }
  .level {
    display: flex;
    align-items: end;
    gap: 3px;
    height: 22px;
  }
  .level i {
    width: 4px;
    height: 100%;
    border-radius: 2px;
    background: #ffb83d;
    transform-origin: bottom;
    animation: level 0.9s ease-in-out infinite alternate;
  }
  .level i:nth-child(2) {
    animation-duration: 0.6s;
  }
  .level i:nth-child(3) {
    animation-duration: 1.2s;
  }
  .offline {
    display: grid;
    height: 100%;
    place-content: center;
    justify-items: center;
    gap: 8px;
    padding: 16px;
    text-align: center;
    background: radial-gradient(circle at 50% 30%, #263042, #0c0f15 70%);
  }
  .offline .mark {
    position: absolute;
    top: 12px;
    right: 16px;
  }
  .offline img {
    width: clamp(56px, 26vh, 120px);
    height: auto;
    border-radius: 50%;
    filter: grayscale(0.7) brightness(0.75);
  }
  .offline h1 {
    font-size: clamp(17px, 4vw, 24px);
    line-height: 1.25;
  }

  /* chat */
  .chat.dark {
    color-scheme: dark;
  }
  .chat.light {
    color-scheme: light;
  }
  .room {
    display: flex;
    flex-direction: column;
    height: 100vh;
    background: var(--sheet);
    color: var(--ink);
    font-size: 14px;
  }
  .room h1 {
    padding: 10px 14px;
    font-size: 14px;
    text-align: center;
    border-bottom: 1px solid var(--line);
  }
  .lines {
    flex: 1;
    overflow-y: auto;
    padding: 8px 14px;
  }
  .lines p {
    padding: 3px 0;
  }
  .lines .new {
    animation: arrive 0.25s ease-out;
  }
  .lines .name {
    font-weight: 700;
    color: light-dark(hsl(var(--hue) 70% 30%), hsl(var(--hue) 75% 74%));
  }
  .badge {
    color: light-dark(#8a5a00, #ffc55c);
  }
  .c0 {
    --hue: 4;
  }
  .c1 {
    --hue: 32;
  }
  .c2 {
    --hue: 96;
  }
  .c3 {
    --hue: 150;
  }
  .c4 {
    --hue: 188;
  }
  .c5 {
    --hue: 220;
  }
  .c6 {
    --hue: 262;
  }
  .c7 {
    --hue: 322;
  }
  .composer {
    margin: 0 14px 14px;
    padding: 9px 12px;
    border: 1px dashed var(--line);
    border-radius: 8px;
    color: var(--quiet);
  }

  /* control */
  .control {
    max-width: 1080px;
    margin: 0 auto;
    padding: 24px 16px 64px;
  }
  .control h1 {
    font-size: 26px;
  }
  .control h2 {
    margin: 32px 0 8px;
    font-size: 18px;
  }
  .control form {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 8px;
  }
  .control form + form {
    margin-top: 12px;
  }
  .control label {
    display: grid;
    font-size: 13px;
    color: var(--quiet);
  }
  .control input,
  .control select {
    width: 100%;
    font: inherit;
    font-size: 15px;
    padding: 6px 10px;
    border: 1px solid var(--line);
    border-radius: 8px;
    background: var(--sheet);
    color: var(--ink);
  }
  .control .active {
    margin: 12px 0;
    padding-inline-start: 20px;
    color: var(--alarm);
  }
  .streamers {
    list-style: none;
  }
  .streamers li {
    display: grid;
    grid-template-columns: 40px minmax(0, 1fr) auto;
    align-items: center;
    gap: 4px 12px;
    padding: 8px 0;
    border-bottom: 1px solid var(--line);
  }
  .streamers img {
    border-radius: 50%;
  }
  .streamers .off img {
    filter: grayscale(1);
    opacity: 0.6;
  }
  .streamers button {
    font-size: 13px;
    padding: 4px 10px;
  }
  .streamers details {
    grid-column: 2 / -1;
  }
  .streamers form + form {
    margin-top: 0;
  }
  .streamers details form {
    padding: 4px 0 8px;
  }
  .streamers summary {
    padding: 2px 0;
    font-size: 13px;
  }
  @media (max-width: 560px) {
    .streamers li {
      grid-template-columns: 40px minmax(0, 1fr);
    }
    .streamers li > form {
      grid-column: 2;
    }
  }

  @keyframes wander {
    from {
      transform: scale(1.02);
    }
    to {
      transform: scale(1.1) translate(-1.5%, 1%);
    }
  }
  @keyframes sweep {
    from {
      transform: translateX(-40%);
    }
    to {
      transform: translateX(40%);
    }
  }
  @keyframes level {
    from {
      transform: scaleY(0.2);
    }
    to {
      transform: scaleY(1);
    }
  }
  @keyframes arrive {
    from {
      opacity: 0;
      transform: translateY(6px);
    }
    to {
      opacity: 1;
      transform: none;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
    }
  }
`;
