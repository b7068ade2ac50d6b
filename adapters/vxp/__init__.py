"""The national axis, or another node, as a client of its VXP protocol.

    connection  the adapter: one axis with its three sides
    sending     sendEdoc, the bytes streamed, signed exactly as the SDK signs
    receiving   getReceivedEdocList, then downloadEdoc (getEdoc where that gives nothing); after our
                commit updateStatus `done`; what was refused is answered by status messages of
                those who were to have it, then `fail` with the findings
    agencies    registerAgency and deleteAgency for ours, getSynchronizeUnit for theirs
    calls       a signed request and its answer
    answers     what an answer is worth
    tls         whom we trust there, and the certificate that we show

An answer counts only when it is JSON with its envelope: a page of an ailing proxy is no empty
list. A refusal is final when its code says so; whatever else an axis answers may work later, and
ends as a dead letter that a person reads. An axis writes messages anew, so what comes is never
compared by digest with what went. The hops and the document code travel as signed parameters
that an axis which does not know them leaves alone.
"""
