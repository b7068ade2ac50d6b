from tests.pipeline.rooms import *
async def test_a(node: Rooms):
    d = await node.sent(READER, PUSHED, AT_DESK, "H40.01")
    print(d.code, d.deliveries)
    await node.relay_all()
    d = await node.find(d)
    for x in d.deliveries: print(x)
    d = await node.posted(a_message())
    print(d)
    for r in await node.audit(): print(r.action, r.about)
