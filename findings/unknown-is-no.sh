#!/usr/bin/env bash
# igraph 1.0.0 beside networkx 3.6.1: a yes-or-no that a GraphML file leaves out is read as no, a number that it leaves out is not.
#
# Seen: three hospitals, of the third neither beds nor teaching status are known, so networkx writes neither (GraphML lets a
#   node leave out what it has no value for). igraph reads its beds as nan and its teaching status as False. Written by igraph
#   and read by networkx again, the beds are still left out, and teaching is False as if somebody had said so.
# Output seen: teaching hospitals of those with a known status: 1 of 2 before, 1 of 3 after; beds known of 2 before and after.
# Surprising: the two missing values of one node go different ways, without a warning, and only the wrong one survives a round
#   trip. From the same graph as a GML file igraph reads both as nan.
# Who meets it: whoever carries a network of hospitals and firms (who hires from whom) between the two with marks of teaching
#   status, region or grant that are known for some. Write such a mark as 0.0 and 1.0, or as text.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q networkx==3.6.1 igraph==1.0.0
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import math

import igraph
import networkx as nx

hospitals = nx.DiGraph([("A", "B"), ("B", "C")])
hospitals.nodes["A"].update(beds=900, teaching=True)
hospitals.nodes["B"].update(beds=300, teaching=False)
nx.write_graphml(hospitals, "hospitals.graphml")
assert open("hospitals.graphml").read().count("<data ") == 4
read = igraph.Graph.Read_GraphML("hospitals.graphml")
read.write_graphml("again.graphml")
again = nx.read_graphml("again.graphml")


def known(graph, name):
    return [values[name] for _, values in graph.nodes(data=True) if name in values]


for name, graph in {"before": hospitals, "after": again}.items():
    statuses = known(graph, "teaching")
    print(name, "beds known of", len(known(graph, "beds")), "- teaching:", sum(statuses), "of", len(statuses))
assert math.isnan(read.vs[2]["beds"]) and len(known(again, "beds")) == 2
nx.write_gml(hospitals, "hospitals.gml")
assert math.isnan(igraph.Graph.Read_GML("hospitals.gml").vs[2]["teaching"])
assert read.vs[2]["teaching"] is False and known(again, "teaching") == [True, False, False], "the behaviour changed"
PYTHON
