using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.TestKit.Links;

/// <summary>What is wrong with the way to a receiver.</summary>
public enum LinkFault
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>Nobody listens on the port, and whoever was connected is cut off.</summary>
    Refused,
    /// <summary>Every answer takes <see cref="FaultyLink.Pause"/> longer.</summary>
    Slow,
    /// <summary>The receiver gets everything and its answers never arrive.</summary>
    Hanging,
}

/// <summary>
/// A port of 127.0.0.1 that leads to another one and can be broken at will, so that any receiver can be away, slow or hanging, and die and come back on the same port as
/// often as it takes.
/// </summary>
public sealed class FaultyLink : IAsyncDisposable
{
    /// <summary>How long an answer is held by <see cref="LinkFault.Slow"/>.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly int _target;
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<Socket, bool> _connected = new();
    private readonly CancellationTokenSource _stop = new();
    private Socket _listener;
    private volatile LinkFault _fault;

    private FaultyLink(int target)
    {
        _target = target;
        _listener = BoundSomewhere();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        Listen();
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>What is wrong with it now.</summary>
    public LinkFault Fault => _fault;

    /// <summary>A link to a port of 127.0.0.1.</summary>
    public static FaultyLink To(int port) => new(port);

    /// <summary>Is broken like this from now on; connections that cannot go on as they are end.</summary>
    public void Become(LinkFault fault)
    {
        lock (_gate)
        {
            var was = _fault;
            if (was == fault) return;
            _fault = fault;
            if (fault == LinkFault.Refused)
            {
                _listener.Dispose();
                _listener = Bound(Port);   // held so that nobody else gets the port; without Listen it refuses
            }
            // What was swallowed is missing in the middle of those connections.
            if (fault == LinkFault.Refused || was == LinkFault.Hanging) Cut();
            if (was == LinkFault.Refused) Listen();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        lock (_gate) _listener.Dispose();
        Cut();
        _stop.Dispose();
    }

    // Not one of those that outgoing connections are given: the port is bound anew when the link breaks, and one of them could take it in between.
    private static Socket BoundSomewhere()
    {
        for (var left = 100; ; left--)
            try { return Bound(Random.Shared.Next(20_000, 32_000)); }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && left > 0) { }
    }

    private static Socket Bound(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Listen()
    {
        _listener.Listen(100);
        _ = AcceptAsync(_listener);
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true) _ = ServeAsync(await listener.AcceptAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // It refuses now, or it is over.
        }
    }

    private async Task ServeAsync(Socket caller)
    {
        using var target = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        caller.NoDelay = true;
        _connected[caller] = true;
        try
        {
            if (_fault == LinkFault.Refused) return;   // accepted just before
            await target.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            var first = await Task.WhenAny(PumpAsync(caller, target, isAnswer: false), PumpAsync(target, caller, isAnswer: true));
            await first;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // One of the two has left, or was cut off.
        }
        finally
        {
            _connected.TryRemove(caller, out _);
            caller.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[64 << 10];
        while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var read)
        {
            if (isAnswer && _fault == LinkFault.Slow) await HoldAsync();
            if (isAnswer && _fault == LinkFault.Hanging) continue;
            for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
        }
    }

    private async Task HoldAsync()
    {
        using var pause = new PeriodicTimer(Pause);
        await pause.WaitForNextTickAsync(_stop.Token);
    }

    private void Cut()
    {
        foreach (var caller in _connected.Keys)
        {
            caller.LingerState = new(enable: true, seconds: 0);   // a reset, as from a process that died
            caller.Dispose();
        }
    }
}
