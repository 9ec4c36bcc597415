using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry.Health;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Telemetry;

public sealed class TelemetryHealthTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly RecordedLogs _logs = new();
    private readonly ILoggerFactory _loggers;
    private readonly TelemetryHealth _health;
    private readonly List<JournalEvent> _told = [];

    public TelemetryHealthTests()
    {
        _loggers = LoggerFactory.Create(b => b.AddProvider(_logs));
        _health = new(_clock, _loggers.CreateLogger<TelemetryHealth>()) { IsRecorded = true };
        _health.Follow(e => { lock (_told) _told.Add(e); });
    }

    [Fact]
    public async Task A_degradation_is_one_event_and_so_is_its_end_and_who_records_them_says_it()
    {
        _health.Lost(TelemetrySignal.Traces, 512, "Connection refused");
        _health.Lost(TelemetrySignal.Logs, 7, "Connection refused");
        _health.Lost(TelemetrySignal.Traces, 10, "503");
        _health.View.Signals.ShouldBe(["traces", "logs"]);
        (_health.View.Reason, _health.View.Dropped, _health.View.DegradedSince).ShouldBe(("Connection refused", 529L, _clock.GetUtcNow()));
        _health.Taken(TelemetrySignal.Traces, 5);
        _clock.Advance(TelemetryHealth.Settled * 2);
        _health.View.Signals.ShouldBe(["logs"], "one signal is still lost");
        _health.Taken(TelemetrySignal.Logs, 1);
        _clock.Advance(TelemetryHealth.Settled);
        await _health.Told;
        _told.Count.ShouldBe(2);
        var degraded = _told[0].ShouldBeOfType<TelemetryDegraded>();
        degraded.Signals.ShouldBe(["traces"]);
        _told[1].ShouldBe(new TelemetryRecovered((TelemetryHealth.Settled * 3).TotalMilliseconds, 529));
        _logs.All.ShouldBeEmpty("an event is its own log record");
        (_health.View.DegradedSince, _health.View.Reason, _health.View.Published, _health.View.Dropped).ShouldBe((null, null, 6L, 529L));
    }

    [Fact]
    public async Task Without_anybody_who_records_events_a_change_is_one_line()
    {
        using var alone = new TelemetryHealth(_clock, _loggers.CreateLogger<TelemetryHealth>());
        alone.Lost(TelemetrySignal.Traces, 1, "503");
        alone.Lost(TelemetrySignal.Logs, 1, "503");
        alone.Taken(TelemetrySignal.Traces, 1);
        alone.Taken(TelemetrySignal.Logs, 1);
        _clock.Advance(TelemetryHealth.Settled);
        await alone.Told;
        _logs.All.Select(l => l.Id.Id).ShouldBe([4051, 4052]);
    }

    [Fact]
    public async Task A_backend_that_comes_and_goes_is_one_degradation()
    {
        for (var i = 0; i < 20; i++)
        {
            _health.Lost(TelemetrySignal.Traces, 1, "503");
            _health.Taken(TelemetrySignal.Traces, 1);
            _clock.Advance(TelemetryHealth.Settled / 2);
        }
        _clock.Advance(TelemetryHealth.Settled);
        await _health.Told;
        _told.Select(e => e.Type).ShouldBe(["telemetry.degraded", "telemetry.recovered"]);
        _told[1].ShouldBeOfType<TelemetryRecovered>().Dropped.ShouldBe(20);
        _health.Lost(TelemetrySignal.Traces, 3, "503");
        _health.Taken(TelemetrySignal.Traces, 1);
        _clock.Advance(TelemetryHealth.Settled);
        await _health.Told;
        _told[3].ShouldBeOfType<TelemetryRecovered>().Dropped.ShouldBe(3, "each tells of its own losses");
    }

    [Fact]
    public async Task Who_follows_later_is_told_of_a_degradation_that_lasts()
    {
        _health.Lost(TelemetrySignal.Metrics, 0, "Connection refused");
        JournalEvent? heard = null;
        using (_health.Follow(e => heard = e)) await _health.Told;
        heard.ShouldBeOfType<TelemetryDegraded>();
        _health.Taken(TelemetrySignal.Metrics, 0);
        _clock.Advance(TelemetryHealth.Settled);
        await _health.Told;
        heard.ShouldBeOfType<TelemetryDegraded>("it no longer follows");
    }

    public void Dispose()
    {
        _health.Dispose();
        _loggers.Dispose();
    }
}
