using System.Numerics;
using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Pipelines.Faces;

/// <summary>Faces that are known by name, each a vector of features of length 1 that one model made. A person may have several.</summary>
public sealed class FaceGallery
{
    /// <summary>The most faces of a gallery.</summary>
    public const int MostFaces = 10_000;

    /// <summary>The longest name.</summary>
    public const int LongestName = 100;

    private readonly List<(int Person, float[] Features)> faces = [];
    private readonly List<string> names = [];

    /// <summary>Makes an empty one for faces that a model tells apart.</summary>
    /// <param name="model">The model's metadata.</param>
    /// <param name="length">How many features it gives.</param>
    public FaceGallery(ModelMetadata model, int length) : this((model ?? throw new ArgumentNullException(nameof(model))).Name, model.SourceSha256, length)
    {
    }

    internal FaceGallery(string model, string digest, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        (Model, ModelSha256, Length) = (model, digest, length);
    }

    /// <summary>The name of the model that made the features.</summary>
    public string Model { get; }

    /// <summary>The digest of what that model was converted from, so that a quantized one goes with its float one.</summary>
    public string ModelSha256 { get; }

    /// <summary>How many features a face has.</summary>
    public int Length { get; }

    /// <summary>Names of persons, in the order they were added.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>How many faces there are.</summary>
    public int Count => faces.Count;

    /// <summary>All faces: the name of each, and its features.</summary>
    public IEnumerable<(string Name, IReadOnlyList<float> Features)> Faces => faces.Select(f => (names[f.Person], (IReadOnlyList<float>)f.Features));

    /// <summary>Reads a gallery.</summary>
    /// <exception cref="EdgeException">There is none, or the file is something else.</exception>
    public static FaceGallery Read(string path) => FaceGalleryJson.Read(path);

    /// <summary>Writes it: whole or not at all.</summary>
    /// <exception cref="EdgeException">It cannot be written.</exception>
    public void Write(string path) => FaceGalleryJson.Write(this, path);

    /// <summary>Adds a face.</summary>
    /// <param name="name">The person's name.</param>
    /// <param name="features">What the model gave for the face; of any length but 0, since only the direction counts.</param>
    /// <exception cref="EdgeException">The name is empty, too long or not printable, the features are not those of a face, or the gallery is full.</exception>
    public void Add(string name, ReadOnlySpan<float> features)
    {
        CheckName(name);
        if (features.Length != Length) throw Wrong($"a face of {features.Length} features, where '{Model}' gives {Length}");
        if (faces.Count >= MostFaces) throw Wrong($"more than {MostFaces} faces");
        float[] own = features.ToArray();
        if (!TryNormalize(own)) throw Wrong($"features of '{name}' that are no finite numbers, or all 0");
        int person = names.IndexOf(name);
        if (person < 0)
        {
            person = names.Count;
            names.Add(name);
        }
        faces.Add((person, own));
    }

    /// <summary>Refuses what is no name.</summary>
    /// <exception cref="EdgeException">It is none.</exception>
    public static void CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (string.IsNullOrWhiteSpace(name) || name.Length > LongestName || name.Any(char.IsControl) || name == FaceRecognizer.Unknown)
            throw new EdgeException(ErrorCode.BadUsage, $"'{name}' is no name for a face.", $"Give 1 to {LongestName} printable characters, other than '{FaceRecognizer.Unknown}'.");
    }

    /// <summary>Refuses to be used with another model than it was made with: features of different models have nothing in common.</summary>
    /// <exception cref="EdgeException">The model is another one.</exception>
    public void Require(ModelMetadata model, int length)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (ModelSha256 == model.SourceSha256 && (ModelSha256.Length > 0 || Model == model.Name) && Length == length) return;
        throw new EdgeException(ErrorCode.InputMismatch, $"The gallery was made with the model '{Model}' ({Length} features), not with '{model.Name}' ({length}): their features have nothing in common.",
            $"Use --model {Model}, or enrol the faces again with this model in another gallery.");
    }

    /// <summary>The person whose face is most alike.</summary>
    /// <param name="features">Features of length 1.</param>
    /// <param name="likeness">The cosine of the angle between both: 1 for the same picture, about 0 for strangers; negative infinity for an empty gallery.</param>
    /// <returns>The person's place in <see cref="Names"/>, or -1 for an empty gallery.</returns>
    public int Nearest(ReadOnlySpan<float> features, out float likeness)
    {
        (int best, likeness) = (-1, float.NegativeInfinity);
        foreach ((int person, float[] known) in CollectionsMarshal.AsSpan(faces))
        {
            float product = Dot(features, known);
            if (product > likeness) (best, likeness) = (person, product);
        }
        return best;
    }

    /// <summary>Gives features the length 1; false where they are no finite numbers or all 0.</summary>
    internal static bool TryNormalize(Span<float> features)
    {
        double sum = 0;
        foreach (float feature in features) sum += (double)feature * feature;
        if (!(sum > 0) || !double.IsFinite(sum)) return false;
        float factor = (float)(1 / Math.Sqrt(sum));
        foreach (ref float feature in features) feature *= factor;
        return true;
    }

    /// <summary>The sum of products.</summary>
    internal static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector<float>> left = MemoryMarshal.Cast<float, Vector<float>>(a), right = MemoryMarshal.Cast<float, Vector<float>>(b);
        Vector<float> sums = Vector<float>.Zero;
        for (int i = 0; i < left.Length; i++) sums += left[i] * right[i];
        float sum = Vector.Sum(sums);
        for (int i = left.Length * Vector<float>.Count; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static EdgeException Wrong(string what) => new(ErrorCode.InputMismatch, $"A gallery cannot take {what}.");
}
