using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.TestKit.RabbitMq;

/// <summary>
/// A broker of Debian's package for one test: its own folders, ports, node name, cookie and port mapper, on loopback. It ends with this
/// object, and, because it hangs on a pipe, with this process however that ends.
/// </summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    private static readonly string Binary = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private static readonly string Control = "/usr/lib/rabbitmq/bin/rabbitmqctl";
    private readonly string _root;
    private readonly int _port, _distribution;
    private readonly ServerProcess _server;
    private Dictionary<string, string> _environment = [];

    private RabbitMqServer(string root, int port, int distribution) =>
        (_root, _port, _distribution, _server) = (root, port, distribution, new("RabbitMQ", root, ready: "Server startup complete"));

    /// <summary>Where it listens.</summary>
    public string Uri => string.Create(CultureInfo.InvariantCulture, $"amqp://guest:guest@127.0.0.1:{_port}/");

    /// <summary>What it has said.</summary>
    public string Log => _server.Log;

    public static async Task<RabbitMqServer> StartAsync()
    {
        if (!File.Exists(Binary)) throw new InvalidOperationException($"There is no {Binary}: apt-get install rabbitmq-server.");
        var server = new RabbitMqServer(Directory.CreateTempSubdirectory("orc-mq-").FullName, LoopbackPort.Free(), LoopbackPort.Free());
        File.WriteAllText(Path.Combine(server._root, "rabbitmq.conf"), string.Create(CultureInfo.InvariantCulture, $"listeners.tcp.1 = 127.0.0.1:{server._port}\nlog.console = true\nlog.file = false\n"));
        File.WriteAllText(Path.Combine(server._root, "enabled_plugins"), "[].");
        await server.ResumeAsync();
        return server;
    }

    /// <summary>Starts it, or starts it again on its data after <see cref="KillAsync"/>.</summary>
    public async Task ResumeAsync()
    {
        // The shell ends the whole group of the server's processes when its standard input ends.
        const string keeper = """
            set -m
            "$@" <&- & server=$!
            trap "" INT TERM
            read -r _
            kill -s KILL -- "-$server" 2>/dev/null; wait "$server" 2>/dev/null
            ERL_EPMD_RELAXED_COMMAND_CHECK=1 epmd -port "$ERL_EPMD_PORT" -kill >/dev/null 2>&1
            """;
        var start = new ProcessStartInfo("bash") { WorkingDirectory = _root, RedirectStandardOutput = true, ArgumentList = { "-c", keeper, "keeper", Binary } };
        _environment = new()
        {
            ["HOME"] = _root, ["RABBITMQ_NODENAME"] = string.Create(CultureInfo.InvariantCulture, $"orc{_port}@localhost"), ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_root, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_root, "log"), ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_root, "rabbitmq.conf"), ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_root, "enabled_plugins"),
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_root, "none"), ["RABBITMQ_PID_FILE"] = Path.Combine(_root, "pid"), ["RABBITMQ_DIST_PORT"] = _distribution.ToString(CultureInfo.InvariantCulture),
            // A port mapper of its own, which the keeper ends.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            ["ERL_EPMD_PORT"] = LoopbackPort.Free().ToString(CultureInfo.InvariantCulture), ["ERL_EPMD_ADDRESS"] = "127.0.0.1", ["ERL_EPMD_RELAXED_COMMAND_CHECK"] = "1", ["LANG"] = "C.UTF-8",
        };
        foreach (var (name, value) in _environment) start.Environment[name] = value;
        await _server.StartAsync(start);
    }

    /// <summary>Kills it; its data stay. It would lose what was declared in the last two seconds, which it holds in memory so long: that is written first.</summary>
    public async Task KillAsync()
    {
        await WriteDeclarationsAsync();
        await _server.StopAsync();
    }

    private async Task WriteDeclarationsAsync()
    {
        var start = new ProcessStartInfo(Control) { WorkingDirectory = _root, RedirectStandardOutput = true, RedirectStandardError = true, ArgumentList = { "eval", "mnesia:sync_log()." } };
        foreach (var (name, value) in _environment) start.Environment[name] = value;
        using var control = Process.Start(start)!;
        var said = await Task.WhenAll(control.StandardOutput.ReadToEndAsync(), control.StandardError.ReadToEndAsync());
        await control.WaitForExitAsync();
        if (control.ExitCode != 0) throw new InvalidOperationException($"The broker did not write its log: {string.Concat(said)}");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
