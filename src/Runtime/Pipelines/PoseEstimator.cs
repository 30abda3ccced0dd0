using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Finds the joints of a person, with a model whose metadata says pose. The key points of what it finds are COCO's 17: nose, left and right eye, ears, shoulders, elbows, wrists, hips, knees and ankles,
/// the left one first, as the person has them. A joint that is not seen has NaN for its place.
/// </summary>
/// <param name="model">The model; it must outlive the estimator.</param>
/// <param name="options">Threshold and threads, or null for what the model file says.</param>
/// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
public sealed class PoseEstimator(EdgeModel model, DetectorOptions? options = null)
    : PictureDetector(model, Task, "Use a model of poses of the zoo, such as movenet-lightning.", options ?? new DetectorOptions())
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "pose";

    /// <summary>The number of joints.</summary>
    public const int Joints = 17;

    /// <inheritdoc/>
    public override string Name => "pose";

    /// <summary>Pairs of joints that a skeleton's lines join.</summary>
    public static ReadOnlySpan<(int From, int To)> Bones => Pairs;

    private static readonly (int From, int To)[] Pairs =
    [
        (0, 1), (0, 2), (1, 3), (2, 4), (5, 6), (5, 7), (7, 9), (6, 8), (8, 10), (5, 11), (6, 12), (11, 12), (11, 13), (13, 15), (12, 14), (14, 16),
    ];
}
