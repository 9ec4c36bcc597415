using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.TestKit.Postgres;

/// <summary>
/// A PostgreSQL server of Debian's package for one test run: its own data directory, port and socket folder, and a password. It ends with this object, and, because it
/// hangs on a pipe, with this process however that ends.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    public const string User = "orchestrator";
    public const string Password = "s3cret-of-the-tests";

    // Root may not run a server: then everything is done as the user that the package has made.
    private static readonly bool IsRoot = Environment.UserName == "root";
    private readonly string _root;
    private readonly string _binaries;
    private readonly ServerProcess _server;

    private PostgresServer(string root, string binaries, int port) =>
        (_root, _binaries, Port, _server) = (root, binaries, port, new("PostgreSQL", root, ready: "database system is ready to accept connections"));

    public int Port { get; }

    /// <summary>Host, port, user, password and database as Npgsql takes them.</summary>
    public string ConnectionString => Without("") + $";Password={Password}";

    /// <summary>The same without a password; keys may be added.</summary>
    public string Without(string more) => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Database=postgres;Username={User}{more}");

    /// <summary>What the server has said.</summary>
    public string Log => _server.Log;

    public static async Task<PostgresServer> StartAsync()
    {
        var binaries = Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(d => Path.Combine(d, "bin")).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
            ?? throw new InvalidOperationException("There is no PostgreSQL below /usr/lib/postgresql: apt-get install postgresql.");
        var root = Directory.CreateTempSubdirectory("orc-pg-").FullName;
        var server = new PostgresServer(root, binaries, LoopbackPort.Free());
        var secret = Path.Combine(root, "password");
        await File.WriteAllTextAsync(secret, Password);
        if (IsRoot) await DoneAsync("chown", ["-R", "postgres", root]);
        await server.AsUserAsync(
            Path.Combine(binaries, "initdb"), "--pgdata", Path.Combine(root, "data"), "--username", User, "--pwfile", secret, "--auth", "scram-sha-256",
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync");
        await server.ResumeAsync();
        return server;
    }

    /// <summary>Starts it again on its data after <see cref="StopAsync"/>.</summary>
    public async Task ResumeAsync()
    {
        // The shell waits for orders on its standard input: "SIGNAL [PID]". Its end, or the end of who writes there, ends the server.
        const string keeper = """
            "$@" <&- & server=$!
            trap "" INT TERM
            while read -r signal pid; do kill -s "$signal" "${pid:-$server}"; done
            kill -s QUIT "$server" 2>/dev/null; wait "$server"
            """;
        string[] command =
        [
            "sh", "-c", keeper, "keeper", Path.Combine(_binaries, "postgres"), "-D", Path.Combine(_root, "data"), "-p", Port.ToString(CultureInfo.InvariantCulture),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + _root, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=60",
            "-c", "shared_buffers=16MB", "-c", "lc_messages=C", "-c", "logging_collector=off", "-c", "autovacuum=off",
        ];
        await _server.StartAsync(AsUser(command));
    }

    /// <summary>Runs SQL through psql; what it prints, unaligned and without headers.</summary>
    public async Task<string> PsqlAsync(string sql)
    {
        var psql = new ProcessStartInfo(Path.Combine(_binaries, "psql"))
        {
            ArgumentList = { "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-U", User, "-d", "postgres", "-c", sql },
            Environment = { ["PGPASSWORD"] = Password },
        };
        return (await DoneAsync(psql)).Trim();
    }

    /// <summary>Ends one of its processes, or the server itself, the hard way.</summary>
    public async Task SignalAsync(string signal, int? pid = null)
    {
        await _server.Orders.WriteLineAsync(pid is { } one ? string.Create(CultureInfo.InvariantCulture, $"{signal} {one}") : signal);
        await _server.Orders.FlushAsync();
    }

    /// <summary>Ends it at once, as a power cut would; the data stay.</summary>
    public Task StopAsync() => _server.StopAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private Task<string> AsUserAsync(params string[] command) => DoneAsync(AsUser(command));

    private ProcessStartInfo AsUser(params string[] command)
    {
        string[] argv = IsRoot ? ["runuser", "-u", "postgres", "--", .. command] : command;
        return new(argv[0], argv[1..]) { WorkingDirectory = _root };
    }

    private static Task<string> DoneAsync(string program, string[] arguments) => DoneAsync(new ProcessStartInfo(program, arguments));

    private static async Task<string> DoneAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{start.FileName} ended with {process.ExitCode}: {await error}");
    }
}
