using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Finds palms, with a model whose metadata says palm-detection: a box around each palm without its fingers, and seven points: the wrist, where index, middle, ring and little finger begin, and two of the thumb.
/// </summary>
/// <param name="model">The model; it must outlive the detector.</param>
/// <param name="options">Threshold and threads, or null for what the model file says.</param>
/// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
public sealed class PalmDetector(EdgeModel model, DetectorOptions? options = null)
    : PictureDetector(model, Task, "Use a model of palms of the zoo, such as hand-palm.", options ?? new DetectorOptions())
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "palm-detection";

    /// <inheritdoc/>
    public override string Name => "palm-detect";
}
