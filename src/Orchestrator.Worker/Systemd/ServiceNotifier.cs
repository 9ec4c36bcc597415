using System.Globalization;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting.Systemd;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Systemd;

/// <summary>
/// What the package's notifier lacks of sd_notify: WATCHDOG=1, a STATUS line with every message, and the promise never to block and never to fail its
/// caller. READY=1 and STOPPING=1 come from the package's <see cref="SystemdLifetime"/>.
/// </summary>
internal sealed class ServiceNotifier : ISystemdNotifier, IAsyncDisposable
{
    private const long MicrosecondsPerMillisecond = 1000;
    private const int MaxWaitingMessages = 32;
    private static readonly TimeSpan LastMessagesTimeout = TimeSpan.FromSeconds(1);

    private readonly ISystemdNotifier _manager;
    private readonly ILogger _log;
    // A service manager that reads nothing blocks a sender once the socket's queue is full, so one reader of this channel does the sending.
    private readonly Channel<ServiceState> _messages = Channel.CreateBounded<ServiceState>(new BoundedChannelOptions(MaxWaitingMessages) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Task _sending;

    /// <param name="manager">Sends to the socket that NOTIFY_SOCKET names.</param>
    /// <param name="pid">This process.</param>
    public ServiceNotifier(ISystemdNotifier manager, IReadOnlyDictionary<string, string> environment, int pid, ILogger log)
    {
        (_manager, _log) = (manager, log);
        var socket = environment.GetValueOrDefault("NOTIFY_SOCKET") ?? "";
        // A virtual machine's socket (vsock:) or an unknown kind: better no messages than a start that fails.
        var isKnown = socket is ['/' or '@', _, ..];
        if (socket.Length > 0 && !isKnown) log.NotifySocketUnknown(socket);
        IsEnabled = manager.IsEnabled && isKnown;
        Watchdog = IsEnabled ? WatchdogOf(environment, pid) : null;
        _sending = IsEnabled ? Task.Run(SendAsync) : Task.CompletedTask;
    }

    /// <summary>Whether a service manager listens.</summary>
    public bool IsEnabled { get; }

    /// <summary>How long the service manager waits for a sign of life before it takes the program for hung; null: it does not wait for any.</summary>
    public TimeSpan? Watchdog { get; }

    /// <summary>The program's state in one line, for `systemctl status`.</summary>
    public Func<string> Describe { get; set; } = () => "";

    /// <summary>READY=1 or STOPPING=1, with the status.</summary>
    public void Notify(ServiceState state)
    {
        var isStopping = state.ToString() == ServiceState.Stopping.ToString();
        Send($"{state}\nSTATUS={(isStopping ? "Stopping: " : "")}{Describe()}");
    }

    /// <summary>A sign of life, if the service manager waits for one.</summary>
    public void Alive() => Send(Watchdog is null ? $"STATUS={Describe()}" : $"WATCHDOG=1\nSTATUS={Describe()}");

    public void Status(string status) => Send($"STATUS={status}");

    /// <summary>Gives the last messages a moment to go out.</summary>
    public async ValueTask DisposeAsync()
    {
        _messages.Writer.TryComplete();
        await _sending.WaitAsync(LastMessagesTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // WATCHDOG_PID names the process of the unit that must give signs of life; without it every process may.
    private static TimeSpan? WatchdogOf(IReadOnlyDictionary<string, string> environment, int pid)
    {
        if (environment.GetValueOrDefault("WATCHDOG_PID") is { Length: > 0 } meant && meant != pid.ToString(CultureInfo.InvariantCulture)) return null;
        return long.TryParse(environment.GetValueOrDefault("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > MicrosecondsPerMillisecond
            ? TimeSpan.FromMicroseconds(Math.Min(microseconds, TimeSpan.FromDays(1).Ticks / TimeSpan.TicksPerMicrosecond)) : null;
    }

    private void Send(string message)
    {
        if (IsEnabled) _messages.Writer.TryWrite(new(message));
    }

    private async Task SendAsync()
    {
        var failed = false;
        await foreach (var message in _messages.Reader.ReadAllAsync())
            try
            {
                _manager.Notify(message);
                failed = false;
            }
            catch (SocketException e)
            {
                if (!failed) _log.NotifyFailed(e);   // once until it works again
                failed = true;
            }
    }
}
