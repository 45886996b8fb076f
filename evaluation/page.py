"""The frame of the report: its style, in the colours that the reader's machine prefers."""

from __future__ import annotations

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Pomona: how well this library finds</title>
<style>
:root { --ground: #fff; --ink: #1b1f24; --soft: #5b6470; --line: #d5dae0; --box: #f5f6f8;
--c0:#2563a8;--c1:#b4530a;--c2:#2f7d32;--c3:#8a3ab0;--c4:#a8324a;--c5:#5b6470; }
@media (prefers-color-scheme: dark) {
:root { --ground: #14171b; --ink: #e6e9ed; --soft: #a3acb8; --line: #363c45; --box: #1d2127;
--c0:#7db4f0;--c1:#f0a45c;--c2:#7fcf86;--c3:#cf9bf0;--c4:#f08ba0;--c5:#b4bcc8; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 68rem; background: var(--ground);
color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: .5rem 0 0; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
h4 { font-size: .85rem; font-weight: 400; margin: .3rem 0; color: var(--soft); }
p { margin: .4rem 0; } .about, figcaption, details { color: var(--soft); font-size: .9rem; }
.lead { font-size: 1.1rem; }
.charts { display: grid; gap: 1rem;
grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr));
align-items: start; }
.charts figure, section { margin: 0; padding: .8rem; background: var(--box); border-radius: .5rem; }
section { margin: .8rem 0; }
svg { display: block; width: 100%; max-width: 32rem; height: auto; margin-top: .4rem; }
svg text { fill: var(--ink); font-size: 11px; } .grid { stroke: var(--line); fill: none; }
.whisker { stroke: var(--ink); fill: none; } .line { fill: none; stroke-width: 2; }
.c0 { fill: var(--c0); } .l0 { stroke: var(--c0); } .k0 { color: var(--c0); }
.c1 { fill: var(--c1); } .l1 { stroke: var(--c1); } .k1 { color: var(--c1); }
.c2 { fill: var(--c2); } .l2 { stroke: var(--c2); } .k2 { color: var(--c2); }
.c3 { fill: var(--c3); } .l3 { stroke: var(--c3); } .k3 { color: var(--c3); }
.c4 { fill: var(--c4); } .l4 { stroke: var(--c4); } .k4 { color: var(--c4); }
.c5 { fill: var(--c5); } .l5 { stroke: var(--c5); } .k5 { color: var(--c5); }
.l1 { stroke-dasharray: 6 3; }
.l2 { stroke-dasharray: 2 3; }
.l3 { stroke-dasharray: 8 3 2 3; }
.l4 { stroke-dasharray: 4 2; }
.l5 { stroke-dasharray: 1 2; }
.legend span { white-space: nowrap; margin-right: .8rem; font-weight: 600; font-size: .9rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: .8rem 0; font-size: .9rem; }
th, td { padding: .3rem .7rem .3rem 0; text-align: left; white-space: nowrap;
border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
.pair { display: flex; flex-wrap: wrap; gap: 0 1.5rem; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; } .row figure { margin: 0; width: 6.2rem; }
.row img { width: 100%; height: 6.2rem; object-fit: cover; border-radius: .3rem;
background: var(--line); }
.row figcaption { font-size: .7rem; overflow: hidden; text-overflow: ellipsis;
white-space: nowrap; }
li { overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>How well this library finds</h1>
<!--parts-->
</body>
</html>
"""
