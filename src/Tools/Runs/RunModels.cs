using EdgeRuntime.Format;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Recording;

namespace EdgeRuntime.Tools.Runs;

/// <summary>Models that were loaded for a run, and are let go after it.</summary>
internal sealed class RunModels(CancellationToken stop) : IDisposable
{
    private readonly List<(string Name, LoadedModel Model)> models = [];

    public EdgeModel Load(string name)
    {
        models.Add((name, ModelLoader.Load(name, stage: Console.Error.WriteLine, stop: stop)));
        return models[^1].Model.Model;
    }

    /// <summary>What a recording says of them, and of how they run.</summary>
    public RecordingHead Describe(FrameRequest request)
    {
        return new RecordingHead(
            [.. request.Pipelines.Select(p => p.Name)], [.. models.Select(m => new RecordedModel(FullPath(m.Name), RecordingHead.DigestOf(m.Model.Path)))],
            FullPath(request.Source), File.Exists(request.Source) ? RecordingHead.DigestOf(request.Source) : null, request.Sound, request.Realtime is not null,
            RecordedOptions.Of(request.Options, gallery: request.Options.Gallery is { } gallery ? new RecordedModel(FullPath(gallery), RecordingHead.DigestOf(gallery)) : null));
    }

    private static string FullPath(string name) => File.Exists(name) ? Path.GetFullPath(name) : name;

    public FramePipeline Create(FrameRequest request, int index)
    {
        FrameEntry entry = request.Pipelines[index];
        EdgeModel model = Load(request.Models.ElementAtOrDefault(index) ?? entry.DefaultModel);
        return entry.Open(model, entry.Finder is null ? request.Options : request.Options with { Finder = Load(request.Finder ?? entry.Finder) });
    }

    public void Dispose()
    {
        foreach ((_, LoadedModel model) in models) model.Dispose();
    }
}
