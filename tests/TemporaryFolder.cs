namespace EdgeRuntime.Tests;

/// <summary>A folder for one test, removed with all in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("edgert-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
