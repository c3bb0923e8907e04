"""The independent checker: for each rule a plan that breaks it is found, and one that does not is not.

`plans` writes shifts in short. `test_people`: who may not be on duty at all. `test_majors`: the table, and one
major holiday off. `test_sharing`: rest, seasons, long holidays. `test_agreed`: what is promised, and the budget.
`test_examples`: the plain rotation of the example teams, its findings counted by hand.
"""
