using System.Net.Sockets;
using System.Text;

namespace Orchestrator.TestKit;

/// <summary>A service manager's end of sd_notify: a real datagram socket, and every message that came, in order.</summary>
public sealed class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly string? _path;
    private readonly byte[] _buffer = new byte[4096];

    /// <param name="name">A path, or '@' and an abstract name, as NOTIFY_SOCKET has it.</param>
    public NotifySocket(string name)
    {
        Name = name;
        _path = name[0] == '@' ? null : name;
        _socket.Bind(new UnixDomainSocketEndPoint(_path ?? '\0' + name[1..]));
    }

    /// <summary>The value of NOTIFY_SOCKET.</summary>
    public string Name { get; }

    /// <summary>The next message's lines.</summary>
    public async Task<string[]> NextAsync(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        var length = await _socket.ReceiveAsync(_buffer, SocketFlags.None, limit.Token);
        return Encoding.UTF8.GetString(_buffer, 0, length).Split('\n');
    }

    /// <summary>The first message, from now on, that has this line.</summary>
    public async Task<string[]> UntilAsync(string line, TimeSpan patience)
    {
        while (true)
            if (await NextAsync(patience) is var message && message.Contains(line)) return message;
    }

    /// <summary>Takes what is there; whether there was anything with this line.</summary>
    public bool Drain(string line)
    {
        var found = false;
        while (_socket.Available > 0) found |= Encoding.UTF8.GetString(_buffer, 0, _socket.Receive(_buffer)).Split('\n').Contains(line);
        return found;
    }

    public void Dispose()
    {
        _socket.Dispose();
        if (_path is not null) File.Delete(_path);
    }
}
