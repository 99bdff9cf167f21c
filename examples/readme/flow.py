from hotline.ivr import Flow

flow = Flow.load("examples/city_hotline/data/flows/12345.yaml")
print(f"{flow.title}: {len(flow)} nodes, {len(flow.check())} warnings")

call = flow.call("2", "2", say="The street lamp is broken")  # automatic service, complaint by recording
call.keys("1")  # confirm
for line in call.transcript[-6:]:
    print(f"{line.at:6.1f} s  {line.who:8} {line.text}")
assert call.hears("受理号")  # the acceptance number is spoken

proof = flow.explore()
print("every caller reaches a person, a saved message or a goodbye:", proof["ok"])
