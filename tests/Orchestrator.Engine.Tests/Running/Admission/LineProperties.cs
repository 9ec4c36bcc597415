using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Running;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running.Admission;

/// <summary>Random runs that come, start, pause, are given up and end: no run is lost, none starts twice, and the limits and the order hold.</summary>
public sealed class LineProperties
{
    [Fact]
    public void Whatever_happens_every_run_starts_once_or_is_told_to_end() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => new Play(new Random(seed)).Run()).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    private sealed class Play
    {
        private readonly Random _random;
        private readonly Floor _floor;
        private readonly int _places;
        private readonly List<OpenRun> _waiting = [];
        private readonly List<OpenRun> _running = [];
        private readonly HashSet<OpenRun> _paused = [];
        private readonly HashSet<OpenRun> _started = [];
        private readonly Dictionary<OpenRun, (string? Group, DateTimeOffset NotBefore)> _facts = [];

        public Play(Random random)
        {
            _random = random;
            _places = random.Next(1, 30);
            var rate = random.Next(0, 3) == 0 ? random.Next(1, 5) : (double?)null;
            _floor = new(o =>
            {
                o.MaxRunningRuns = _places;
                o.Limits = new() { RunsPerSecond = rate };
            });
        }

        public void Run()
        {
            for (var step = 0; step < 300; step++) Step();
            // Nobody comes any more, and everybody who runs ends: then everybody has had a turn.
            for (var left = 0; _waiting.Count + _running.Count > 0; left++)
            {
                left.ShouldBeLessThan(10_000, "a waiting run is never started");
                if (_running.Count > 0) End(_running[_random.Next(_running.Count)]);
                _floor.Clock.Advance(TimeSpan.FromSeconds(1));
                _floor.Admissions.Due();
                Admit();
            }
            (_floor.Admissions.Waiting, _floor.Admissions.Running, _floor.Admissions.Oldest).ShouldBe((0, 0, null));
            _started.Count.ShouldBeLessThanOrEqualTo(_facts.Count);
        }

        private void Step()
        {
            switch (_random.Next(0, 8))
            {
                case 0 or 1 or 2: Come(); break;
                case 3 when _running.Count > 0: End(_running[_random.Next(_running.Count)]); break;
                case 4 when _waiting.Count > 0: GiveUp(_waiting[_random.Next(_waiting.Count)]); break;
                case 5: _floor.Clock.Advance(TimeSpan.FromMilliseconds(_random.Next(0, 2_000))); _floor.Admissions.Due(); break;
                case 6 when _running.Count > 0: PauseOrResume(_running[_random.Next(_running.Count)]); break;
            }
            if (_random.Next(0, 3) == 0) Admit();
            _floor.Admissions.Waiting.ShouldBe(_waiting.Count);
        }

        private void Come()
        {
            var group = _random.Next(0, 3) == 0 ? $"g{_random.Next(0, 3)}" : null;
            var flow = Floor.Flow($"t{_random.Next(0, 4)}", (RunPriority)_random.Next(0, 3), _random.Next(0, 3));
            if (group is not null) flow = flow with { Concurrency = new(group) { Max = _random.Next(1, 4), OnConflict = (OnConflict)_random.Next(0, 3) } };
            var now = _floor.Clock.GetUtcNow();
            var notBefore = _random.Next(0, 5) == 0 ? now.AddSeconds(_random.Next(-5, 20)) : now;
            var run = _floor.Add(flow, group, notBefore > now ? notBefore : null);
            _facts.Add(run, (group, notBefore));
            _waiting.Add(run);
            EndSuperseded();
        }

        private void Admit()
        {
            while (_floor.Next() is { } run)
            {
                EndSuperseded();
                _started.Add(run).ShouldBeTrue("a run was started twice");
                _waiting.Remove(run).ShouldBeTrue("a run was started that does not wait");
                Check(run);
                _running.Add(run);
            }
            EndSuperseded();
        }

        /// <summary>What must hold for a run that has just been admitted.</summary>
        private void Check(OpenRun run)
        {
            (_running.Count - _paused.Count).ShouldBeLessThan(_places);
            var flow = run.State.Plan.Definition;
            _facts[run].NotBefore.ShouldBeLessThanOrEqualTo(_floor.Clock.GetUtcNow());
            if (_facts[run].Group is { } group)
                _running.Count(r => _facts[r].Group == group && r.State.Plan.Definition.Tenant == flow.Tenant).ShouldBeLessThan(flow.Concurrency!.Max);
            // Of its own tenant and level nobody who could have gone goes before it in rank, then age.
            foreach (var other in _waiting.Where(w => _facts[w] is { Group: null } facts && facts.NotBefore <= _floor.Clock.GetUtcNow()))
            {
                var theirs = other.State.Plan.Definition;
                if (theirs.Tenant != flow.Tenant || theirs.Priority != flow.Priority) continue;
                theirs.Rank.ShouldBeGreaterThanOrEqualTo(flow.Rank);
                if (theirs.Rank == flow.Rank) Since(other).ShouldBeGreaterThanOrEqualTo(Since(run));
            }
        }

        private DateTimeOffset Since(OpenRun run) => _facts[run].NotBefore > run.Id.Time ? _facts[run].NotBefore : run.Id.Time;

        private void PauseOrResume(OpenRun run)
        {
            if (_paused.Remove(run)) _floor.Admissions.StatusChanged(run, RunStatus.Paused, RunStatus.Running);
            else
            {
                _paused.Add(run);
                _floor.Admissions.StatusChanged(run, RunStatus.Running, RunStatus.Paused);
            }
        }

        private void End(OpenRun run)
        {
            _running.Remove(run);
            _paused.Remove(run);
            _floor.Admissions.Leave(run);
        }

        private void GiveUp(OpenRun run)
        {
            _waiting.Remove(run);
            _floor.Admissions.Leave(run);
        }

        // Those that wait are over at once; those that run end when they do, which is no business of the line's.
        private void EndSuperseded()
        {
            foreach (var run in _floor.Superseded)
            {
                if (_waiting.Remove(run) && _random.Next(0, 2) == 0) _floor.Admissions.Leave(run);
            }
            _floor.Superseded.Clear();
        }
    }
}
