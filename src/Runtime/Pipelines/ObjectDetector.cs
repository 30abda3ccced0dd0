using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Pipelines;

/// <summary>Finds things of many kinds, with a model whose metadata says object-detection.</summary>
/// <param name="model">The model; it must outlive the detector.</param>
/// <param name="options">Threshold and threads, or null for what the model file says.</param>
/// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
public sealed class ObjectDetector(EdgeModel model, ObjectDetectorOptions? options = null)
    : PictureDetector(model, Task, "Use an object detector of the zoo, such as centernet.", options ?? new ObjectDetectorOptions())
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "object-detection";

    /// <summary>Names of the kinds, by <see cref="Detection.Label"/>.</summary>
    public IReadOnlyList<string> Labels { get; } = model.Metadata.Labels;

    /// <inheritdoc/>
    public override string Name => "object-detect";
}
