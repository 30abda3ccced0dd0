using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.TensorFlow;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Conversion;

/// <summary>A loaded model and where it came from.</summary>
/// <param name="Model">The model.</param>
/// <param name="Path">The file.</param>
/// <param name="Source">The model it was converted from in memory; null for an .edge file.</param>
/// <param name="Conversion">How it was converted; null for an .edge file.</param>
internal sealed record LoadedModel(EdgeModel Model, string Path, ISourceModel? Source, ConversionResult? Conversion) : IDisposable
{
    /// <summary>The ONNX model it was converted from in memory, or null.</summary>
    public OnnxModel? Onnx => Source as OnnxModel;

    public void Dispose() => Model.Dispose();
}

/// <summary>
/// What a MODEL argument means: an .edge file, an ONNX or TensorFlow.js model (converted in memory), or a name of the zoo. Files are known by
/// their content, whatever they are called.
/// </summary>
internal static class ModelLoader
{
    /// <summary>Help text for arguments.</summary>
    public const string Description = "An .edge file; an .onnx file, or a TensorFlow.js model.json or its folder (converted in memory); or a name of the zoo.";

    /// <summary>Loads a model.</summary>
    /// <param name="model">The argument.</param>
    /// <param name="shapes">Shapes to fix, by input name.</param>
    /// <param name="stage">Told what is being done when a model of the zoo is fetched.</param>
    /// <param name="stop">Ends fetching.</param>
    /// <exception cref="EdgeException">There is no such file, or it holds no model.</exception>
    public static LoadedModel Load(string model, IReadOnlyDictionary<string, Shape>? shapes = null, Action<string>? stage = null, CancellationToken stop = default)
    {
        string path = Locate(model, stage, stop);
        if (IsEdgeFile(path)) return new LoadedModel(Fixed(EdgeReader.Read(path), shapes), path, null, null);
        ISourceModel source = SourceReader.Read(path);
        ConversionResult conversion = Converter.Convert(source, new ConversionOptions { InputShapes = shapes ?? new Dictionary<string, Shape>() });
        return new LoadedModel(conversion.Model, path, source, conversion);
    }

    /// <summary>The file that an argument means; models of the zoo are fetched.</summary>
    /// <exception cref="EdgeException">There is none.</exception>
    public static string Locate(string model, Action<string>? stage = null, CancellationToken stop = default)
    {
        if (File.Exists(model)) return model;
        if (Directory.Exists(model))
        {
            string inside = Path.Combine(model, TensorFlowReader.FileName);
            return File.Exists(inside) ? inside
                : throw new EdgeException(ErrorCode.CannotRead, $"'{model}' is a folder without a {TensorFlowReader.FileName}, not a model.", "Give an .edge or .onnx file, or the folder of a TensorFlow.js model.");
        }
        if (ModelZoo.Default.Find(model) is { } known)
            return ModelCache.Default.Find(known) ?? ModelZoo.Default.Shipped($"{known.Name}.edge") ?? ModelCache.Default.Pull(known, stage, stop);
        throw new EdgeException(ErrorCode.CannotRead, $"There is no file '{model}', and no model of that name in the zoo ({string.Join(", ", ModelZoo.Default.All.Select(m => m.Name))}).",
            "Check the path, or see `edgert models list`.");
    }

    /// <summary>The model for inputs of these shapes; with the others it stays as it is.</summary>
    private static EdgeModel Fixed(EdgeModel model, IReadOnlyDictionary<string, Shape>? shapes)
    {
        if (shapes is null || shapes.Count == 0) return model;
        IReadOnlyList<Value> inputs = model.Graph.Inputs;
        if (shapes.Keys.FirstOrDefault(name => inputs.All(i => i.Name != name)) is { } unknown)
        {
            throw new EdgeException(ErrorCode.BadUsage, $"A shape is given for the input '{unknown}', which the model has not.",
                $"It has {string.Join(", ", inputs.Select(i => $"'{i.Name}'"))}.");
        }
        return new EdgeModel(GraphBinding.Bind(model.Graph, [.. inputs.Select(i => shapes.GetValueOrDefault(i.Name, i.Type.Shape))]), model.Metadata, model);
    }

    /// <summary>True when the file begins as .edge files do; a damaged one is then reported as such.</summary>
    public static bool IsEdgeFile(string path)
    {
        try
        {
            Span<byte> head = stackalloc byte[EdgeFormat.Magic.Length];
            using FileStream file = RegularFile.OpenRead(path);
            int read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            bool known = head[..read].SequenceEqual(EdgeFormat.Magic);
            // Line endings are what careless transfers damage first; the reader explains it.
            return known || (read >= 5 && head[..5].SequenceEqual(EdgeFormat.Magic[..5])) || (read < 5 && Path.GetExtension(path) == ".edge");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"'{path}' cannot be read: {e.Message}", "Give the path of a model that you may read.", e);
        }
    }
}
