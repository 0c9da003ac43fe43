"""The whole model a second time, in plain Mesa: an object per person and institution, as Mesa's tutorial teaches.

Every rule is written again from docs/model.md, whose numbers (G1, E5, L3 ...) stand beside it; from ``injae`` come only
what a scenario, a country and the parameters say, and the names of states. See README.md beside this file.

Left out: the event log, what holds hospitals and firms back (section 9: no rule reads it), and the bounds on
settings that grow without end. Draws come from ``model.random``, one stream, so single people differ from run to run
and only distributions agree.
"""
