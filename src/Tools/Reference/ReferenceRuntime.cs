using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using System.Security.Cryptography;
using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tools.Zoo;
using Spectre.Console;

namespace EdgeRuntime.Tools.Reference;

/// <summary>
/// Finds ONNX Runtime, which nothing but comparison needs: its sources and library come from the zoo's npm package and are built, with
/// our adapter, into the cache when first asked for.
/// </summary>
internal static class ReferenceRuntime
{
    private const string Tool = "onnxruntime", AssemblyName = "EdgeRuntime.OnnxRuntime", TypeName = "EdgeRuntime.Tools.OnnxRuntime.OnnxRuntimeReference";

    private static readonly Lock Gate = new();
    private static IReferenceRuntime? loaded;

    /// <summary>True when it has been built, so that <see cref="Load"/> neither fetches nor builds.</summary>
    public static bool IsReady
    {
        get
        {
            lock (Gate) return loaded is not null || (Project() is { } project && File.Exists(AssemblyPath(project)));
        }
    }

    /// <summary>The reference; fetched and built if need be.</summary>
    /// <param name="stage">Told what is being done, in a few words.</param>
    /// <param name="stop">Ends fetching.</param>
    /// <exception cref="EdgeException">It is not to be had here (<see cref="ErrorCode.MissingTool"/>, <see cref="ErrorCode.CannotFetch"/>).</exception>
    public static IReferenceRuntime Load(Action<string>? stage = null, CancellationToken stop = default)
    {
        lock (Gate) return loaded ??= Open(stage, stop);
    }

    /// <summary>As <see cref="Load"/>, telling on standard error what takes so long.</summary>
    public static IReferenceRuntime LoadWithProgress(CancellationToken stop)
    {
        if (IsReady || !Terminal.Err.Profile.Capabilities.Interactive)
            return Load(IsReady ? null : stage => Console.Error.WriteLine($"ONNX Runtime: {stage}"), stop);
        return Terminal.Err.Status().Spinner(Spinner.Known.Dots).Start("ONNX Runtime", context => Load(stage => context.Status($"ONNX Runtime: {stage}".EscapeMarkup()), stop));
    }

    private static IReferenceRuntime Open(Action<string>? stage, CancellationToken stop)
    {
        string project = Project() ?? throw Missing("its adapter is built from the sources of this project, which are not here");
        ZooTool tool = ModelZoo.Default.GetTool(Tool);
        string native = tool.NativeHere ?? throw Missing("there is no library of it for this platform");
        string folder = ModelCache.Default.Pull(tool, stage, stop);
        string assembly = AssemblyPath(project);
        if (!File.Exists(assembly))
        {
            stage?.Invoke("building the adapter (once)");
            Build(project, folder, Path.GetDirectoryName(assembly)!);
        }
        // What it shares with us (edgert, EdgeRuntime) resolves to what is loaded already.
        Assembly adapter = new AssemblyLoadContext(AssemblyName).LoadFromAssemblyPath(assembly);
        return (IReferenceRuntime)Activator.CreateInstance(adapter.GetType(TypeName, throwOnError: true)!, Path.Combine(folder, native))!;
    }

    /// <summary>The adapter's project file, or null when the program runs without its sources.</summary>
    private static string? Project()
    {
        if (ModelZoo.FindRepository() is not { } repository) return null;
        string path = Path.Combine(repository, "src", "Tools", "OnnxRuntime", $"{AssemblyName}.csproj");
        return File.Exists(path) ? path : null;
    }

    /// <summary>What the adapter is compiled against: when one of these changes, it is built anew.</summary>
    private static readonly Type[] Surface =
    [
        typeof(IReferenceRuntime), typeof(IReferenceModel), typeof(Tensor), typeof(TensorView), typeof(TextElement), typeof(TensorType), typeof(Shape),
        typeof(DataType), typeof(EdgeException), typeof(ErrorCode),
    ];

    /// <summary>Where the adapter for exactly these sources is, or would be.</summary>
    private static string AssemblyPath(string project)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string source in Directory.EnumerateFiles(Path.GetDirectoryName(project)!).Order(StringComparer.Ordinal)) hash.AppendData(File.ReadAllBytes(source));
        hash.AppendData(Encoding.UTF8.GetBytes(ModelZoo.Default.GetTool(Tool).Package.Integrity));
        foreach (Type type in Surface)
            foreach (string member in type.GetMembers().Select(m => $"{type}.{m}").Order(StringComparer.Ordinal)) hash.AppendData(Encoding.UTF8.GetBytes(member));
        string key = Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
        return Path.Combine(ModelCache.Default.Folder, "onnxruntime-adapter", key, $"{AssemblyName}.dll");
    }

    private static void Build(string project, string folder, string target)
    {
        string scratch = $"{target}.{Guid.NewGuid():N}";
        try
        {
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
            string[] arguments =
            [
                "build", project, "-c", "Release", "--nologo", "-v:quiet", "-o", Path.Combine(scratch, "out"), "-nodeReuse:false", "-p:UseSharedCompilation=false",
                $"-p:BaseIntermediateOutputPath={Path.Combine(scratch, "obj")}{Path.DirectorySeparatorChar}",
                $"-p:EdgertAssembly={typeof(ReferenceRuntime).Assembly.Location}", $"-p:OnnxRuntimeFolder={folder}",
            ];
            foreach (string argument in arguments) start.ArgumentList.Add(argument);
            using Process build = Process.Start(start)!;
            Task<string> output = build.StandardOutput.ReadToEndAsync(), errors = build.StandardError.ReadToEndAsync();
            build.WaitForExit();
            if (build.ExitCode != 0)
            {
                string reason = (output.Result + errors.Result).Split('\n').FirstOrDefault(l => l.Contains("error", StringComparison.Ordinal))?.Trim() ?? $"exit code {build.ExitCode}";
                throw Missing($"its adapter cannot be built: {reason}");
            }
            if (File.Exists(Path.Combine(target, $"{AssemblyName}.dll"))) return; // Another process was faster.
            if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
            Directory.Move(Path.Combine(scratch, "out"), target);
        }
        catch (Win32Exception e)
        {
            throw Missing("its adapter is built with the program 'dotnet', which is not on the path", e);
        }
        finally
        {
            if (Directory.Exists(scratch)) Directory.Delete(scratch, recursive: true);
        }
    }

    private static EdgeException Missing(string why, Exception? inner = null) => new(ErrorCode.MissingTool,
        $"ONNX Runtime, the reference to compare with, is not to be had: {why}.", "Everything but comparison works without it.", inner);
}
