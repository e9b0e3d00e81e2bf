//! The page's one style sheet.

/// Colours come in two sets, chosen by the reader's system; everything else follows from them.
pub(super) const SHEET: &str = "
:root{--bg:#f5f6f8;--card:#fff;--ink:#161b22;--dim:#5a6472;--line:#e2e6ec;--soft:#eef1f5;--ours:#2a78d6;--theirs:#d3dae4;\
--flight:#8fb7e6;--gain:#18794e;--gain-fill:#2e9e6b;--cost-fill:#dd8a35;--warn:#8a5300;--warn-bg:#fff6e5;--warn-line:#f0d49b;\
--bad:#b42330;--bad-bg:#fdecee;--good-bg:#e7f5ee;--shadow:0 1px 2px rgba(16,24,40,.06)}
@media (prefers-color-scheme:dark){:root{--bg:#0e1217;--card:#161b22;--ink:#e6eaf0;--dim:#98a3b3;--line:#29313c;--soft:#1d242d;\
--ours:#4f97ea;--theirs:#36404d;--flight:#2f5f96;--gain:#56c596;--gain-fill:#3aa878;--cost-fill:#d98f45;--warn:#f0c27a;--warn-bg:#2a2113;\
--warn-line:#57431f;--bad:#f27d85;--bad-bg:#311a1d;--good-bg:#14291f;--shadow:none}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;\
font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
main{max-width:1180px;margin:0 auto;padding:40px 20px 56px}
h1,h2,h3,p,ul,dl,dd,pre{margin:0;padding:0}
h1{font-size:28px;line-height:1.2;letter-spacing:-.015em;font-weight:680}
h1 span{color:var(--dim);font-weight:400;overflow-wrap:anywhere}
h2{font-size:17px;letter-spacing:-.005em;font-weight:640;margin:0 0 2px}
section{margin-top:40px}
.lead{color:var(--dim);margin-bottom:14px;max-width:75ch}
.dim{color:var(--dim)}
.frame{display:flex;flex-wrap:wrap;gap:6px 28px;margin-top:12px;font-size:14px}
.frame dt,.settings dt,.prices dt{color:var(--dim);font-size:12.5px}
.frame div{min-width:0}.frame dd{overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,280px),1fr));gap:12px;margin-top:28px}
.tile,.card{background:var(--card);border:1px solid var(--line);border-radius:10px;box-shadow:var(--shadow)}
.tile{padding:14px 16px}
.tile h2{font-size:13px;font-weight:500;color:var(--dim)}
.tile .value{font-size:23px;line-height:1.3;font-weight:640;letter-spacing:-.015em;white-space:nowrap}
.tile .note{font-size:13px;color:var(--dim);line-height:1.4}
.warning{margin-top:12px;padding:10px 14px;border:1px solid var(--warn-line);background:var(--warn-bg);border-radius:10px;color:var(--warn)}
.warning:first-of-type{margin-top:24px}
.warning pre{margin-top:8px}
pre{font:12.5px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;background:var(--soft);color:var(--ink);\
padding:8px 12px;border-radius:7px;overflow-x:auto;white-space:pre}
svg{display:block}
.chart{padding:16px 18px}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;color:var(--dim);margin-bottom:12px}
.legend i{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:6px;vertical-align:-1px}
.k-gain{background:var(--gain-fill)}.k-cost{background:var(--cost-fill)}.k-ours{background:var(--ours)}.k-theirs{background:var(--theirs)}\
.k-flight{background:var(--flight)}.k-target{background:var(--ink);width:3px!important}
.pair{display:grid;grid-template-columns:minmax(120px,300px) 1fr 110px;gap:0 14px;align-items:center;font-size:14px;padding:4px 0}
.pair .name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.pair svg{width:100%;height:22px}
.pair .net{text-align:right;white-space:nowrap;font-weight:560}
.f-gain{fill:var(--gain-fill)}.f-cost{fill:var(--cost-fill)}.f-ours{fill:var(--ours)}.f-theirs{fill:var(--theirs)}.f-flight{fill:var(--flight)}
.f-target{fill:var(--ink)}.f-axis{fill:var(--line)}.f-text{fill:var(--dim);font-size:11px}.f-ink{fill:var(--ink);font-size:11px;font-weight:560}
.f-area{opacity:.16}.s-line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.s-gain{stroke:var(--ours)}.a-gain{fill:var(--ours)}.s-cost{stroke:var(--cost-fill)}.a-cost{fill:var(--cost-fill)}\
.p-gain{fill:var(--ours);stroke:var(--card);stroke-width:2}.p-cost{fill:var(--cost-fill);stroke:var(--card);stroke-width:2}
.s-grid{stroke:var(--line);stroke-width:1}
.action{padding:18px 20px;margin-top:12px}
.action>header{display:grid;grid-template-columns:auto 1fr auto;gap:2px 14px;align-items:start}
.num{width:30px;height:30px;border-radius:50%;background:var(--soft);display:grid;place-items:center;font-weight:640;font-size:14px}
.action h3::first-letter,.group h3::first-letter{text-transform:uppercase}
.action h3{font-size:16px;line-height:1.4;font-weight:600;overflow-wrap:anywhere}
.kind{font-size:13px;color:var(--dim);overflow-wrap:anywhere}
.kind b{color:var(--ink);font-weight:600}
.sum{font-size:18px;font-weight:640;white-space:nowrap;text-align:right}
.sum small{display:block;font-size:12.5px;font-weight:400;color:var(--dim)}
.plus{color:var(--gain)}.minus{color:var(--bad)}
.body{margin:10px 0 0 44px}
.prices{display:flex;flex-wrap:wrap;gap:6px 26px}
.prices dd{font-weight:560}
.why{margin:12px 0 0;padding-left:18px;max-width:80ch}
.why li{margin-top:3px;overflow-wrap:anywhere}
.chips{display:flex;flex-wrap:wrap;gap:6px;margin-top:12px;list-style:none}
.chips li{font-size:13px;background:var(--soft);border-radius:14px;padding:2px 10px;overflow-wrap:anywhere}
.body pre{margin-top:12px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px}
th{font-size:12.5px;font-weight:500;color:var(--dim);text-align:right;padding:10px 7px;border-bottom:1px solid var(--line);white-space:nowrap}
td{padding:7px 7px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
tr:last-child td{border-bottom:0}
tr.has td{border-bottom:0;padding-bottom:2px}
tr.sub td{text-align:left;white-space:normal;padding-top:0;color:var(--dim);font-size:13px;overflow-wrap:anywhere}
th.l,td.l{text-align:left}
th:first-child,td:first-child{padding-left:16px}
th:last-child,td:last-child{padding-right:16px}
td.wrap{white-space:normal;min-width:260px;overflow-wrap:anywhere}
td.name{max-width:230px;overflow:hidden;text-overflow:ellipsis}
td.bar{width:34%;min-width:170px}
td.bar svg{width:100%;height:14px;border-radius:4px}
td.zero{color:var(--dim)}
.tag{font-size:12px;border-radius:10px;padding:1px 8px;background:var(--soft);color:var(--dim);margin-left:6px}
.h{border-radius:10px;padding:1px 9px;font-size:13px;background:var(--soft)}
.h.healthy{background:var(--good-bg);color:var(--gain)}.h.attention{background:var(--warn-bg);color:var(--warn)}\
.h.unhealthy{background:var(--bad-bg);color:var(--bad)}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(320px,1fr));gap:28px 36px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:12px}
.charts svg{width:100%;height:auto}
.charts h3{font-size:14px;font-weight:560;margin-bottom:8px}
.plain{padding-left:18px}.plain li{margin-top:4px;overflow-wrap:anywhere}
.settings{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:8px 18px}
.settings dd{overflow-wrap:anywhere}
.group{margin-top:12px;padding:12px 16px}
.group h3{font-size:14.5px;font-weight:600}
.group dl{display:grid;grid-template-columns:minmax(110px,220px) 1fr;gap:3px 16px;margin-top:6px;font-size:14px}
.group dt{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.group dd{color:var(--dim);overflow-wrap:anywhere}
footer{margin-top:48px;padding-top:14px;border-top:1px solid var(--line);font-size:13px;color:var(--dim)}
@media (max-width:640px){main{padding:24px 14px 40px}.action>header{grid-template-columns:auto 1fr}.sum{grid-column:2;text-align:left}\
.body{margin-left:0}.pair{grid-template-columns:1fr auto}.pair svg{grid-column:1/-1;grid-row:auto;order:3}.pair .net{order:2}\
.pair .name{order:1}.group dl{grid-template-columns:1fr}.group dd{margin-bottom:6px}}
@media print{body{background:#fff}.card,.tile{break-inside:avoid;box-shadow:none}}
";
