using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting.Systemd;

namespace Orchestrator.Worker.Tests.Hosting;

/// <summary>A service manager that records its messages, and refuses or holds them when told to.</summary>
internal sealed class RecordingManager : ISystemdNotifier
{
    private readonly Channel<string> _messages = Channel.CreateUnbounded<string>();

    public bool IsEnabled { get; init; } = true;

    /// <summary>Whether it is gone.</summary>
    public bool Refuses { get; init; }

    /// <summary>While unset, the sender of a message is blocked, as by a full socket.</summary>
    public ManualResetEventSlim Reads { get; } = new(true);

    public void Notify(ServiceState state)
    {
        Reads.Wait();
        if (Refuses) throw new SocketException((int)SocketError.ConnectionRefused);
        _messages.Writer.TryWrite(state.ToString());
    }

    /// <summary>The next message's lines.</summary>
    public async Task<string[]> NextAsync() => (await _messages.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30))).Split('\n');

    public bool TryNext() => _messages.Reader.TryRead(out _);
}
