"""What two chained SQL servers have in common: the driver's questions to leaf and top."""
import dataset as data
import measure


class SQLChain(measure.System):
    """`_leaf` and `_top` are sessions, `_updates` the statements of each commit, `_sql` the questions by name."""
    # The statement that lets the planner know what was loaded.
    analyze = ""

    def update(self, number):
        self._leaf.send(self._updates[number])

    def at_top(self, key):
        return bool(self._top.query(f"select 1 from member where id_card = '{key}'"))

    def top_count(self):
        # The last commit's education arrives with its member: one indexed question is enough until it is there.
        last = self.dataset.members[self.dataset.bulk - 1][data.ID_CARD]
        if not self.at_top(last):
            return 0, 0
        rows = self._top.query("select (select count(*) from member), (select count(*) from member_edu)")[0]
        return int(rows[0]), int(rows[1])

    def updates_at_top(self):
        place, code = self.dataset.updates[-1]
        key = self.dataset.members[place][data.ID_CARD]
        return self._top.query(f"select job_code from member where id_card = '{key}'") == [[code]]

    def ask(self, name):
        if not getattr(self, "_analyzed", False):
            self._top.query(self.analyze)
            self._analyzed = True
        return self._top.query(self._sql[name])
