using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Orchestrator.Worker.Hosting;

/// <summary>
/// Tells the service manager how the program is: sd_notify's protocol, one datagram per message to the socket that NOTIFY_SOCKET names (a leading '@' is
/// an abstract name). Without that variable nothing is sent. Never blocks and never fails its caller.
/// </summary>
internal sealed class ServiceNotifier : IDisposable
{
    private const long MicrosecondsPerMillisecond = 1000;
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _manager;
    private readonly ILogger _log;
    private bool _failed;

    private ServiceNotifier(Socket? socket, UnixDomainSocketEndPoint? manager, TimeSpan? watchdog, ILogger log) =>
        (_socket, _manager, Watchdog, _log) = (socket, manager, watchdog, log);

    /// <summary>Whether anybody wants to be told.</summary>
    public bool IsWanted => _socket is not null;

    /// <summary>How long the service manager waits for a sign of life before it takes the program for hung; null: it does not wait for any.</summary>
    public TimeSpan? Watchdog { get; }

    public static ServiceNotifier From(IReadOnlyDictionary<string, string> environment, int pid, ILogger log)
    {
        var name = environment.GetValueOrDefault("NOTIFY_SOCKET") ?? "";
        if (name.Length == 0) return new(null, null, null, log);
        // Sockets of virtual machines (vsock:) and whatever comes next: better no news than a start that fails.
        if (name is not ['/' or '@', _, ..])
        {
            log.NotifySocketUnknown(name);
            return new(null, null, null, log);
        }
        var manager = new UnixDomainSocketEndPoint(name[0] == '@' ? '\0' + name[1..] : name);
        return new(new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false }, manager, WatchdogOf(environment, pid), log);
    }

    /// <summary>Requests are taken and recovery is done.</summary>
    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    public void Stopping(string status) => Send($"STOPPING=1\nSTATUS={status}");

    /// <summary>A sign of life, where one is waited for.</summary>
    public void Alive(string status) => Send(Watchdog is null ? $"STATUS={status}" : $"WATCHDOG=1\nSTATUS={status}");

    public void Status(string status) => Send($"STATUS={status}");

    public void Dispose() => _socket?.Dispose();

    // Meant for another process of the same unit when WATCHDOG_PID is not ours.
    private static TimeSpan? WatchdogOf(IReadOnlyDictionary<string, string> environment, int pid)
    {
        if (environment.GetValueOrDefault("WATCHDOG_PID") is { Length: > 0 } meant && meant != pid.ToString(CultureInfo.InvariantCulture)) return null;
        return long.TryParse(environment.GetValueOrDefault("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > MicrosecondsPerMillisecond
            ? TimeSpan.FromMicroseconds(Math.Min(microseconds, TimeSpan.FromDays(1).Ticks / TimeSpan.TicksPerMicrosecond)) : null;
    }

    private void Send(string message)
    {
        if (_socket is null) return;
        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(message), _manager!);
            _failed = false;
        }
        catch (SocketException e)
        {
            if (!_failed) _log.NotifyFailed(e);   // once until it works again
            _failed = true;
        }
    }
}
